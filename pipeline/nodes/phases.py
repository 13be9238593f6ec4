"""Phases: trainings whose updates are part of different steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

GridKind = Literal["samples", "reconstructions"]
"""What a sample grid shows: images drawn at random, or held-out images encoded and decoded."""


@dataclass(frozen=True)
class Phase:
    """The steps of which an update is part. update: its name. first, last: the steps after `first` finished ones, up to
    step `last`; None for all further steps. grid: what the sample grids drawn after these steps show."""

    update: str
    first: int
    last: int | None
    grid: GridKind = "samples"

    def place(self, step: int, total_steps: int) -> str:
        """How far this phase is after `step` steps of the run: `autoencoder, step 120 of 600`."""
        last = total_steps if self.last is None else min(self.last, total_steps)
        return f"{self.update}, step {step - self.first:,} of {max(0, last - self.first):,}"

    @property
    def steps(self) -> str:
        """Its steps in words: `steps 1 to 600`."""
        return f"steps {self.first + 1:,} on" if self.last is None else f"steps {self.first + 1:,} to {self.last:,}"


def phase_at(phases: Sequence[Phase], step: int) -> Phase | None:
    """The phase of the step after `step` finished ones; None if there are no phases."""
    return next((each for each in phases if each.first <= step and (each.last is None or step < each.last)), None)


def grid_at(phases: Sequence[Phase], step: int, otherwise: GridKind) -> GridKind:
    """What the sample grid drawn after `step` steps shows: that of the phase of the last step. otherwise: of a training
    without phases."""
    phase = phase_at(phases, max(0, step - 1))
    return phase.grid if phase else otherwise
