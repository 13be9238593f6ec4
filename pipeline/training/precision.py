"""Precision of forward passes: float32, or bfloat16 autocast if the run asks for it."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import torch

from pipeline.training.settings import Settings

Precision = Callable[[], AbstractContextManager[object]]


def precision_of(settings: Settings) -> Precision:
    """Return the context manager of a forward pass. Losses, penalties and weights are float32 in either precision."""
    if settings.precision == "bf16":
        return lambda: torch.autocast(settings.device.type, torch.bfloat16)
    return nullcontext
