"""Names for the ranges of a profile, and NVTX ranges for NVIDIA's profilers.

Nsight Systems and Nsight Compute show the steps and stages of a run on CUDA as ranges. A range costs about a
microsecond, so there are none unless such a tool has started the process, which its environment variables tell: NVTX
itself loads a tool by NVTX_INJECTION64_PATH, and Nsight Systems numbers its sessions in NSYS_PROFILING_SESSION_ID.
"""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import torch

from pipeline.training.stages import Operation, StepRanges, Update

TOOLS = ("NVTX_INJECTION64_PATH", "NSYS_PROFILING_SESSION_ID")
"""Environment variables that a tool sets for the processes that it profiles."""


def step_label(number: int) -> str:
    """The name of a step's range: that by which viewers of PyTorch's traces know a step."""
    return f"ProfilerStep#{number}"


def stage_label(update: str, stage: str) -> str:
    """The name of a stage's range, unique within a step but for repetitions of its update."""
    return f"{update}: {stage}"


def ranges_of_tools(device: torch.device) -> StepRanges | None:
    """NVTX ranges if an external tool profiles this process on a CUDA device; otherwise None."""
    return NvtxRanges() if device.type == "cuda" and any(os.environ.get(tool) for tool in TOOLS) else None


class NvtxRanges:
    """Steps and stages as nested NVTX ranges of the calling thread; a `StepRanges`."""

    def step(self, number: int) -> AbstractContextManager[None]:
        return _nvtx_range(step_label(number))

    def stage(self, update: Update, operation: Operation) -> AbstractContextManager[None]:
        return _nvtx_range(stage_label(update.name, operation.name))


@contextmanager
def _nvtx_range(label: str) -> Iterator[None]:
    # `torch.cuda.nvtx.range` formats its message, so that a brace in the name of a custom stage would raise.
    nvtx: Any = torch.cuda.nvtx
    nvtx.range_push(label)
    try:
        yield
    finally:
        nvtx.range_pop()
