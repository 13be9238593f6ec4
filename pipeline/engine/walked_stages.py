"""What the stages of the current step made, so that a page can show a done stage again."""

from dataclasses import replace
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from pipeline.inspection.walk import StageReport

SHOWN_IMAGES = 24
"""Number of a stage's images shown individually."""
SHOWN_LATENTS = 16
MOST_BYTES = 64 * 1024 * 1024
"""Memory for the images and vectors of one step. Beyond it, the earliest stages of the step are dropped."""

Array = TypeVar("Array", bound=NDArray[np.generic])


class WalkGoal(NamedTuple):
    """Where a walk to a stage ends. step: the last finished step when it began. number: the stage, from 1."""

    step: int
    number: int


class WalkedStages:
    """The reports of a step's stages, by their place in the step. Of images and vectors, only those that are shown."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._reports: dict[int, StageReport] = {}

    @property
    def last(self) -> StageReport | None:
        """The stage that was done last; None outside a walk."""
        return self._reports[max(self._reports)] if self._reports else None

    def add(self, report: StageReport) -> None:
        """Keep this stage, and drop the earliest ones if there is no memory for them."""
        rows = {name: images[:SHOWN_IMAGES].copy() for name, images in report.rows.items()}
        images, latents = _first(report.images, SHOWN_IMAGES), _first(report.latents, SHOWN_LATENTS)
        self._reports[report.number] = replace(
            report, images=images, latents=latents, rows=rows, labels=report.labels[:SHOWN_IMAGES]
        )
        while len(self._reports) > 1 and sum(map(_size, self._reports.values())) > self._most_bytes:
            del self._reports[min(self._reports)]

    def find(self, number: int) -> StageReport | None:
        """The stage at this place in the step; None if it was not done or is no longer kept."""
        return self._reports.get(number)

    def clear(self) -> None:
        self._reports.clear()


def _first(rows: Array | None, count: int) -> Array | None:
    # A copy, since a view would keep all rows in memory.
    return None if rows is None else rows[:count].copy()  # type: ignore[return-value]  # a copy has the original's type


def _size(report: StageReport) -> int:
    arrays = (report.images, report.latents, report.scores, *report.rows.values(), *report.numbers.values())
    return sum(0 if rows is None else rows.nbytes for rows in arrays)
