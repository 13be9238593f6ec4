"""What the process and its machine say of themselves at a moment: memory, and use of the GPU.

A number that a machine, a driver or a version of PyTorch does not give is NaN: it is never worth failing a run.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache
from math import nan

import psutil
import torch

from pipeline.runs.system_series import GPU_MEMORY_TAKEN, GPU_MEMORY_USED, GPU_USE, MEMORY_FREE, MEMORY_USED

GB = 1e9


def readings(device: torch.device) -> Mapping[str, float]:
    """The values of the series that can be read at any moment, by name. device: that of the run.

    Memory of the process is its resident set; free memory is what programs can take without swapping. Of CUDA and ROCm:
    what PyTorch has reserved, the most that it needed so far; what is taken of the whole device; and in which share of
    the last second or less a kernel ran, if the package nvidia-ml-py (amdsmi with ROCm) is installed. Of Apple's GPUs:
    what their driver has reserved for the process.
    """
    found = {
        MEMORY_USED.name: _or_nan(lambda: psutil.Process().memory_info().rss / GB),
        MEMORY_FREE.name: _or_nan(lambda: psutil.virtual_memory().available / GB),
        GPU_USE.name: nan,
        GPU_MEMORY_USED.name: nan,
        GPU_MEMORY_TAKEN.name: nan,
    }
    if device.type == "cuda":
        found[GPU_MEMORY_USED.name] = _or_nan(lambda: torch.cuda.memory_reserved(device) / GB)
        found[GPU_MEMORY_TAKEN.name] = _or_nan(lambda: _taken(device) / GB)
        found[GPU_USE.name] = _or_nan(lambda: torch.cuda.utilization(device) / 100) if _has_use(device) else nan
    elif device.type == "mps":
        found[GPU_MEMORY_USED.name] = _or_nan(lambda: torch.mps.driver_allocated_memory() / GB)
    return found


def _taken(device: torch.device) -> int:
    free, whole = torch.cuda.mem_get_info(device)
    return whole - free


@lru_cache(maxsize=8)
def _has_use(device: torch.device) -> bool:
    """Whether the use of the device can be asked for. Without its package, asking again and again would only fail."""
    with suppress(Exception):
        torch.cuda.utilization(device)
        return True
    return False


def _or_nan(read: Callable[[], float]) -> float:
    # Drivers and their packages raise errors of any type: for a file that may not be read, a device that is lost, …
    with suppress(Exception):
        return read()
    return nan
