"""The history of a run as rules read it: the last steps of a series, and its checkups.

Rules use medians and conditions that last, because single steps are noisy and the first hundred are untypical.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.health.facts import NO_FACTS, Facts

Float64Array = NDArray[np.float64]
Steps = NDArray[np.int64]

WARM_UP = 100
"""First steps of a run that are not judged: even in a healthy run gradients are large and samples all alike."""

WINDOW = 200
"""Number of steps that a rule looks back on: a condition that lasts for all of them is not an accident of a few
batches."""

CHECKUPS = 4
"""Number of consecutive checkups that must agree: at the default of one every 50 steps they span a window."""


@dataclass(frozen=True)
class History:
    """The recorded steps of a run, or the last of them.

    steps: (n,) consecutive step numbers. series: metric -> (n,) values, NaN where there is none. scores: whether
    scores of images, if any, are probabilities of "real" or a critic's, which have no unit. checkup: names of the
    series measured with every sample grid. trained: names of the series measured in updates, in chart order. measured:
    steps of the checkups; None to find them where the values of the checkup series change. rates: names of the series
    that record scheduled learning rates. losses: names of the losses among `trained`. facts: what else is known.
    """

    steps: Steps
    series: Mapping[str, NDArray[np.floating]]
    scores: Literal["probability", "critic"]
    checkup: tuple[str, ...] = ()
    trained: tuple[str, ...] = ()
    measured: Steps | None = None
    rates: tuple[str, ...] = ()
    losses: tuple[str, ...] = ()
    facts: Facts = NO_FACTS

    @property
    def step(self) -> int:
        """The last step; 0 before the first."""
        return int(self.steps[-1]) if len(self.steps) else 0

    def first_of(self, count: int = WINDOW) -> int | None:
        """The first of the last `count` steps; None if there are fewer."""
        return int(self.steps[-count]) if len(self.steps) >= count else None

    def until(self, step: int, count: int) -> "History":
        """This history as it was after `step`, with the last `count` steps of it."""
        end = int(np.searchsorted(self.steps, step, side="right"))
        begin = max(0, end - count)
        changes = tuple(change for change in self.facts.changes if change.step <= step)
        return replace(
            self,
            steps=self.steps[begin:end],
            series={name: values[begin:end] for name, values in self.series.items()},
            facts=replace(self.facts, changes=changes),
        )

    def gaps(self, name: str) -> NDArray[np.bool_]:
        """(n,) whether a step is of a phase of training that does not record this series of updates.

        Series of different phases never have a value at the same step, so a step is of another phase if it has a value
        of such a series. A series that is NaN or infinite because of its values was recorded with others before.
        """
        mine = np.isfinite(np.asarray(self.series[name], np.float64))
        others = [
            np.isfinite(np.asarray(self.series[each], np.float64)) for each in self.trained if each in self.series
        ]
        apart = [other for other in others if not (mine & other).any()]
        return np.any(apart, axis=0) if apart else np.zeros(len(self.steps), np.bool_)

    def rivals(self, name: str) -> tuple[str, ...]:
        """The other losses that are trained in the same steps as this loss, against it."""
        mine = np.isfinite(np.asarray(self.series.get(name, ()), np.float64))
        return tuple(
            each
            for each in self.losses
            if each != name and each in self.series and (mine & np.isfinite(self.series[each])).any()
        )

    def between(self, name: str, after: int, last: int) -> Float64Array:
        """The finite values of the steps after `after` up to `last`, oldest first."""
        begin, end = np.searchsorted(self.steps, (after, last), side="right")
        values = np.asarray(self.series.get(name, ())[begin:end], np.float64)
        return values[np.isfinite(values)]

    def recent(self, name: str, count: int = WINDOW) -> Float64Array | None:
        """The finite values of the last `count` steps, oldest first.

        None if there are fewer steps, if the warm-up is among them, or if more than a tenth of the values are missing.
        """
        if len(self.steps) < count or self.steps[-count] <= WARM_UP or name not in self.series:
            return None
        values = np.asarray(self.series[name][-count:], np.float64)
        values = values[np.isfinite(values)]
        return values if len(values) >= 0.9 * count else None

    def quarters(self, name: str) -> Float64Array | None:
        """(4,) medians of the window's quarters; a condition lasts if it holds for all. None if `recent` is None."""
        values = self.recent(name)
        return None if values is None else np.array([np.median(part) for part in np.array_split(values, 4)])

    def checkups(self, *names: str) -> tuple[Steps, Float64Array]:
        """Steps (k,) of checkups after the warm-up with finite values of all these series; values (k, names)."""
        if not len(self.steps) or any(name not in self.series for name in names):
            return np.empty(0, np.int64), np.empty((0, len(names)))
        values = self._table(names)
        judged = self._checked_up(names) & np.isfinite(values).all(axis=1) & (self.steps > WARM_UP)
        return self.steps[judged], values[judged]

    def _checked_up(self, names: Sequence[str]) -> NDArray[np.bool_]:
        """(n,) whether a checkup was made at each step. names: series to use if none is declared."""
        if self.measured is not None:
            return np.isin(self.steps, self.measured)
        # A checkup is recognised by a change of any of its series, since one may have the same value twice.
        seen = self._table([name for name in self.checkup if name in self.series] or names)
        same = (seen[1:] == seen[:-1]) | (np.isnan(seen[1:]) & np.isnan(seen[:-1]))
        return np.concatenate([[True], ~same.all(axis=1)])

    def last_checkups(self, *names: str) -> Float64Array | None:
        """(k, names): the values at the window's checkups, or at the last CHECKUPS if the window has fewer.

        None if there are fewer than CHECKUPS, or if all of them span less than a window.
        """
        steps, values = self.checkups(*names)
        if len(steps) < CHECKUPS or self.steps[-1] < max(WARM_UP, steps[0] - 1) + WINDOW:
            return None
        in_window = int((steps > self.steps[-1] - WINDOW).sum())
        return values[-max(CHECKUPS, in_window) :]

    def _table(self, names: Sequence[str]) -> Float64Array:
        """(n, names)."""
        return np.stack([np.asarray(self.series[name], np.float64) for name in names], axis=1)
