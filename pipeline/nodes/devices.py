"""Resolve device names on this machine."""

from typing import TYPE_CHECKING

from pipeline.errors.training import UnknownDevice

if TYPE_CHECKING:
    import torch


def resolve_device(name: str, local: int = 0) -> "torch.device":
    """The torch device for "auto", "cpu", "cuda", "cuda:1" or "mps" on this machine. Raises UnknownDevice.

    local: number of this process among those of its run on this machine. "auto" and "cuda" give each process the next
    GPU; where there are fewer, processes share them.
    """
    import torch

    gpus = [f"cuda:{index}" for index in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
    available = ["cpu", *gpus, *(["mps"] if torch.backends.mps.is_available() else [])]
    if name == "auto":
        return torch.device(gpus[local % len(gpus)] if gpus else "cpu")
    wanted = f"cuda:{local % max(1, len(gpus))}" if name == "cuda" else name
    if wanted not in available:
        raise UnknownDevice(name, available)
    return torch.device(wanted)
