"""How one network is updated: the part that an optimizer node builds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from pipeline.training.schedule import Schedule


@dataclass(frozen=True)
class OptimizerPart:
    """How one network is updated.

    make: builds the torch optimizer for these parameters.
    live: the optimizer's own option -> key of the live value that sets it, or a key for each member of an option that
    is a tuple: {"lr": "node.learning_rate", "betas": ("node.beta1", "node.beta2")}.
    clip_norm: key of the live value to whose L2 norm the network's gradient is clipped; "" for none, as its value 0.
    schedule: how the learning rate goes over the run; None where it stays at its live value.
    """

    node: str
    make: Callable[[list[nn.Parameter]], torch.optim.Optimizer]
    live: Mapping[str, str | tuple[str, ...]]
    clip_norm: str = ""
    schedule: Schedule | None = None

    def apply_live(self, optimizer: torch.optim.Optimizer, values: Mapping[str, float], factor: float = 1.0) -> None:
        """Set the options of `optimizer` to these live values, by key; the learning rate `factor` times its own."""
        options: dict[str, Any] = {
            option: values[key] if isinstance(key, str) else tuple(values[member] for member in key)
            for option, key in self.live.items()
        }
        if "lr" in options:
            options["lr"] *= factor
        for group in optimizer.param_groups:
            group.update(options)
