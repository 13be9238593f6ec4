"""Phases: trainings whose updates are part of different steps."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.formatting import listed

GridKind = Literal["samples", "reconstructions"]
"""What a sample grid shows: images drawn at random, or held-out images encoded and decoded."""


@dataclass(frozen=True)
class Phase:
    """The steps of which an update is part. update: its name. first, last: the steps after `first` finished ones, up to
    step `last`; None for all further steps. grid: what the sample grids drawn after these steps show. roles: of the
    networks that it trains."""

    update: str
    first: int
    last: int | None
    grid: GridKind = "samples"
    roles: tuple[str, ...] = ()

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


def untrained(phases: Sequence[Phase], step: int) -> str:
    """That images drawn after `step` steps need what is trained only later, as a sentence; "" if they do not."""
    later = [each for each in phases if each.first >= step and each.first]
    if not later:
        return ""
    what = listed([each.update for each in later])
    return f"At step {step:,}, the {what} is not trained yet (that is for {later[0].steps}), so images are only noise."


def too_late(phases: Sequence[Phase], reinitialised: Collection[str], step: int) -> str:
    """That a fork at this step reinitialises networks, by role, which it does not train any more, as a sentence; "" if
    there are none."""
    lost = [each for each in phases if each.last is not None and each.last <= step]
    roles = [role for each in lost for role in each.roles if role in reinitialised]
    if not roles:
        return ""
    what = "is" if len(roles) == 1 else "are"
    return (
        f"{listed(roles).capitalize()} {what} never trained: that was for {lost[-1].steps}. Fork from an earlier step, "
        "or give that phase more steps."
    )


def grid_at(phases: Sequence[Phase], step: int, otherwise: GridKind) -> GridKind:
    """What the sample grid drawn after `step` steps shows: that of the phase of the last step. otherwise: of a training
    without phases."""
    phase = phase_at(phases, max(0, step - 1))
    return phase.grid if phase else otherwise
