"""The device on which an evaluation runs: a GPU only if there is memory for a second process on it."""

import shutil
import subprocess

import torch

from pipeline.nodes.devices import resolve_device

NEEDED_BYTES = 4_000_000_000
"""A CUDA context takes about 0.5 GB, networks and a batch of images at most a few more."""


def evaluation_device(wanted: str) -> str:
    """The device for a name: for "auto" a GPU with enough free memory, else the CPU. Raises UnknownDevice."""
    if wanted != "auto":
        return str(resolve_device(wanted))
    if torch.cuda.is_available():
        free = free_gpu_memory()
        most = max(free, default=0)
        if most >= NEEDED_BYTES:
            return f"cuda:{free.index(most)}"
    return "cpu"


def free_gpu_memory() -> list[int]:
    """Free bytes of each GPU, by the driver's own tool, which needs no context on the GPU; [] if it does not answer."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return []
    command = [tool, "--query-gpu=memory.free", "--format=csv,noheader,nounits"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout
        return [int(line) * 2**20 for line in answer.split()]
    except (OSError, subprocess.SubprocessError, ValueError):
        return []
