"""Learning rate schedules: a factor computed from the step alone.

No schedule state has to be saved: after a resume, a rewind or a fork the factor is the same as without it. Torch-free,
because the workflow check uses schedules too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import cos, floor, log, pi
from typing import Literal

ScheduleShape = Literal["constant", "linear", "cosine", "step"]

RESTING = 1e-4
"""Factor below which an optimizer hardly moves its network at all."""


@dataclass(frozen=True)
class Schedule:
    """A warm-up to the full learning rate, then this shape until the planned end, and its last factor beyond that.

    The planned end is the total steps of the training node: training on beyond it does not stretch the schedule.

    warmup_steps: w steps in which the factor grows linearly from 1/w to 1 (Goyal et al. 2017, arXiv 1706.02677); 0 for
    none. end_factor: the factor at the total, for "linear" and "cosine" (half a period, as in Loshchilov & Hutter 2017,
    arXiv 1608.03983). step_every, step_factor: "step" multiplies by step_factor every step_every steps.
    """

    shape: ScheduleShape = "constant"
    warmup_steps: int = 0
    end_factor: float = 0.0
    step_every: int = 1000
    step_factor: float = 0.5

    def factor(self, step: int, total_steps: int) -> float:
        """The factor of the learning rate, in [0, 1], in the step after `step` finished steps.

        Constant beyond `total_steps`.
        """
        step = min(step, total_steps)
        if step < self.warmup_steps:
            return (step + 1) / self.warmup_steps
        since = step - self.warmup_steps
        # If the whole run is warm-up, `since` is 0 and so is the divisor.
        share = since / (total_steps - self.warmup_steps) if since else 0.0
        match self.shape:
            case "constant":
                return 1.0
            case "linear":
                return 1 + (self.end_factor - 1) * share
            case "cosine":
                return self.end_factor + (1 - self.end_factor) * (1 + cos(pi * share)) / 2
            case "step":
                return float(self.step_factor ** (since // self.step_every))

    def changed(self, values: Mapping[str, float]) -> "Schedule":
        """The schedule with other factors. values: "end_factor" and "step_factor", those that change."""
        return replace(
            self,
            end_factor=values.get("end_factor", self.end_factor),
            step_factor=values.get("step_factor", self.step_factor),
        )

    def rests_from(self, total_steps: int) -> int | None:
        """The number of finished steps after which the factor is below RESTING for good; None if it never is."""
        match self.shape:
            case "constant":
                return None
            case "linear" | "cosine":
                # If the whole run is warm-up, the decay never begins.
                return total_steps if self.end_factor < RESTING and self.warmup_steps < total_steps else None
            case "step":
                if self.step_factor >= 1:
                    return None
                drops = floor(log(RESTING) / log(self.step_factor)) + 1 if self.step_factor > 0 else 1
                rests = self.warmup_steps + drops * self.step_every
                return rests if rests <= total_steps else None
