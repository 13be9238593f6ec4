"""The devices of this machine, which the engine's first snapshot lists for the pages' forms."""

import os

import torch

from pipeline.runtime.messages.snapshot import Device


def devices() -> tuple[Device, ...]:
    """The CPU, then the accelerators that torch finds."""
    found = [Device("cpu", f"CPU, {os.cpu_count()} cores")]
    for index in range(torch.cuda.device_count() if torch.cuda.is_available() else 0):
        facts = torch.cuda.get_device_properties(index)
        found.append(Device(f"cuda:{index}", facts.name, facts.total_memory))
    if torch.backends.mps.is_available():
        found.append(Device("mps", "Apple GPU"))
    return tuple(found)
