"""The film strip of a run: one frame for each stored sample grid, all drawn from the same noise.

A frame is identified by the step at which it was drawn. `Film` also gives its position in epochs or images seen.
"""

from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import ceil, log10
from typing import Literal

from pipeline.errors.runs import UnknownGrid
from pipeline.nodes.training_subgraph import grid_tiling
from pipeline.runs.store import RunRecord, Store
from pipeline.runs.tiling import Tiling
from pipeline.studio import workflows

Unit = Literal["step", "epoch", "images"]
Compare = Literal["none", "side", "wipe", "difference"]


@dataclass(frozen=True)
class Film:
    """The frames of one run at present.

    steps: steps of the frames, ascending. tiling: the layout of samples in a frame, None if the workflow does not say.
    """

    run: str
    steps: tuple[int, ...]
    batch_size: int
    train_images: int
    tiling: Tiling | None

    @property
    def newest(self) -> int:
        """Step of the last frame. The film must not be empty."""
        return self.steps[-1]

    @property
    def samples(self) -> int:
        """Number of samples that can be selected, 0 if their layout is unknown."""
        return self.tiling.count if self.tiling else 0

    def place(self, step: int, by: Unit) -> float:
        """The position of a step, in steps, epochs (passes over the training images) or images seen."""
        return {"step": step, "epoch": step * self.batch_size / self.train_images, "images": step * self.batch_size}[by]

    def figure(self, step: int, by: Unit) -> str:
        """The position as a number that differs for each frame: `1,250`, `17.8`, `80,000`."""
        return f"{self.place(step, by):,.{self._epoch_digits if by == 'epoch' else 0}f}"

    def label(self, step: int, by: Unit) -> str:
        """The position with its unit: `step 1,250`, `epoch 17.8`, `80,000 images`."""
        figure = self.figure(step, by)
        return f"{figure} images" if by == "images" else f"{by} {figure}"

    def nearest(self, step: int) -> int:
        """The step of the frame nearest to `step`; of two equally near ones, the earlier."""
        place = bisect_left(self.steps, step)
        return min(self.steps[max(0, place - 1) : place + 1], key=lambda kept: abs(kept - step))

    def beside(self, step: int, frames: int) -> int:
        """The step `frames` frames after `step` (before it if negative), clipped to the first and the last frame."""
        return self.steps[min(max(self.steps.index(step) + frames, 0), len(self.steps) - 1)]

    def spread(self, count: int) -> tuple[int, ...]:
        """At most `count` (two or more) steps, evenly spread over the frames, including the first and the last."""
        last = len(self.steps) - 1
        if last < count:
            return self.steps
        return tuple(self.steps[round(last * place / (count - 1))] for place in range(count))

    @property
    def _epoch_digits(self) -> int:
        """Decimals that an epoch needs to differ for each frame."""
        steps = min((after - before for before, after in pairwise(self.steps)), default=1)
        return max(1, ceil(-log10(steps * self.batch_size / self.train_images)))


def film(store: Store, record: RunRecord) -> Film:
    """The film of a run. Reads only the constant fields of `record`, so an old record will do."""
    steps = tuple(step for step, _ in store.files(record.id).grids())
    return Film(
        record.id, steps, record.batch_size, record.train_images, _tiling(record.workflow_text, record.data_text)
    )


def saved(store: Store, run: str, step: int) -> float:
    """When the frame of this step was saved, in seconds since 1970. Raises UnknownRun or UnknownGrid."""
    try:
        return dict(store.files(run).grids())[step].stat().st_mtime
    except (KeyError, FileNotFoundError):
        raise UnknownGrid(run, step) from None


@lru_cache(maxsize=64)
def _tiling(workflow_text: str, data_text: str) -> Tiling | None:
    return grid_tiling(workflows.of_run(workflow_text, data_text))
