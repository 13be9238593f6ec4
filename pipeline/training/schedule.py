"""How the learning rate goes over a run: a factor of each step, worked out from the step alone.

So nothing of it has to be saved: a run that is resumed, gone back in or forked is where it would have been anyway.
Torch-free, since the check of a workflow knows the schedule too.
"""

from dataclasses import dataclass
from math import cos, pi
from typing import Literal

ScheduleShape = Literal["constant", "linear", "cosine", "step"]


@dataclass(frozen=True)
class Schedule:
    """A warm-up to the whole learning rate, and then this shape until the run's total of steps.

    warmup_steps: steps in which the rate grows evenly from its w-th part to the whole of it (Goyal et al. 2017, arXiv
    1706.02677); 0 for none. end_factor: what is left at the total, of "linear" and "cosine" (one half of a period, as
    in Loshchilov & Hutter 2017, arXiv 1608.03983). step_every, step_factor: "step" multiplies by the factor at every
    so many steps.
    """

    shape: ScheduleShape = "constant"
    warmup_steps: int = 0
    end_factor: float = 0.0
    step_every: int = 1000
    step_factor: float = 0.5

    def factor(self, step: int, total_steps: int) -> float:
        """What the learning rate is multiplied by, at least 0 and at most 1, in the step after `step` finished ones.

        Beyond `total_steps` it stays at what it is there.
        """
        step = min(step, total_steps)
        if step < self.warmup_steps:
            return (step + 1) / self.warmup_steps
        since = step - self.warmup_steps
        # A run that is all warm-up has nothing after it.
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
