"""The number of CPU threads that train fastest on this machine, measured once and stored in GENSCOPE_HOME.

The number affects results: sums in another order differ in their last bits, and training amplifies that. So it is
measured once on a throw-away network, and stored with the number of CPUs it is valid for, instead of chosen by every
process.
"""

import json
import os
from pathlib import Path
from time import perf_counter

import torch
from torch import nn

from pipeline.runs.atomic_files import make_folder, write_atomically

SECONDS = 0.5
"""Time limit of the measurement, for all candidates together."""


def best_thread_count(home: Path) -> int:
    """The number of threads to train with on the CPU. Raises CannotWrite if it cannot be stored in `home`."""
    file = home / "threads.json"
    cpus = available_cpus()
    try:
        known = json.loads(file.read_bytes())
        if known["cpus"] == cpus and 1 <= known["threads"] <= cpus:
            return int(known["threads"])
    except (OSError, ValueError, KeyError, TypeError):
        pass  # Not measured yet, or the file is invalid: measuring again takes half a second.
    threads = measure(candidates(cpus))
    make_folder(home)
    write_atomically(file, json.dumps({"cpus": cpus, "threads": threads}).encode())
    return threads


def available_cpus() -> int:
    """Number of CPUs that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def candidates(cpus: int) -> tuple[int, ...]:
    """The thread counts to try: the powers of two below the number of CPUs, and that number."""
    return tuple(sorted({min(2**power, cpus) for power in range(cpus.bit_length() + 1)}))


def measure(counts: tuple[int, ...]) -> int:
    """The one of `counts` with the fastest step of a small convolutional network; torch's settings are restored.

    The counts take turns and each is rated by its fastest step, so that a brief load by other processes does not
    distort the result.
    """
    if len(counts) == 1:
        return counts[0]
    before = torch.get_num_threads()
    with torch.random.fork_rng(devices=[]):
        network = nn.Sequential(
            nn.Conv2d(1, 32, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(32, 64, 4, 2, 1), nn.LeakyReLU(0.2), nn.Flatten(0)
        ).to(memory_format=torch.channels_last)
        images = torch.randn(64, 1, 28, 28)
    fastest = dict.fromkeys(counts, float("inf"))
    try:
        end = perf_counter() + SECONDS
        while perf_counter() < end:
            for count in counts:
                torch.set_num_threads(count)
                network(images).mean().backward()  # The first step after a change wakes the threads.
                started = perf_counter()
                network(images).mean().backward()
                fastest[count] = min(fastest[count], perf_counter() - started)
    finally:
        torch.set_num_threads(before)
    return min(counts, key=fastest.__getitem__)
