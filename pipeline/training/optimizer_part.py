"""The part that an optimizer node builds: how one network is updated."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from pipeline.training.schedule import Schedule


@dataclass(frozen=True)
class OptimizerPart:
    """How one network is updated.

    make: builds the torch optimizer for these parameters.
    live: option of the torch optimizer -> key of the live value that sets it, or one key per element of a tuple option:
    {"lr": "node.learning_rate", "betas": ("node.beta1", "node.beta2")}.
    clip_norm: key of the live value that is the largest L2 norm of the network's gradient; a key "" or a value of 0
    means no clipping.
    schedule: learning rate schedule; None for a constant rate, its live value.
    schedule_live: field of the schedule -> key of the live value that sets it.
    """

    node: str
    make: Callable[[list[nn.Parameter]], torch.optim.Optimizer]
    live: Mapping[str, str | tuple[str, ...]]
    clip_norm: str = ""
    schedule: Schedule | None = None
    schedule_live: Mapping[str, str] = field(default_factory=dict)

    def factor(self, step: int, total_steps: int, values: Mapping[str, float]) -> float:
        """The schedule's factor in the step after `step` finished steps, with these live values; 1 without one."""
        if self.schedule is None:
            return 1.0
        live = {name: values[key] for name, key in self.schedule_live.items() if key in values}
        return self.schedule.changed(live).factor(step, total_steps)

    def apply_live(self, optimizer: torch.optim.Optimizer, values: Mapping[str, float], factor: float = 1.0) -> None:
        """Set the options of `optimizer` from these live values, by key, with the learning rate times `factor`."""
        options: dict[str, Any] = {
            option: values[key] if isinstance(key, str) else tuple(values[member] for member in key)
            for option, key in self.live.items()
        }
        if "lr" in options:
            options["lr"] *= factor
        for group in optimizer.param_groups:
            group.update(options)
