"""What a forward pass is computed in: float32, or bfloat16 where it is asked for."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import torch

from pipeline.training.settings import Settings

Precision = Callable[[], AbstractContextManager[object]]


def precision_of(settings: Settings) -> Precision:
    """The context of a forward pass. Losses, penalties and weights are float32 in either precision."""
    if settings.precision == "bf16":
        return lambda: torch.autocast(settings.device.type, torch.bfloat16)
    return nullcontext
