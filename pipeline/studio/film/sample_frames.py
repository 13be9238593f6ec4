"""The film strip of a run: one frame for each stored sample grid, all drawn from the same noise.

A frame is identified by the step at which it was drawn. `Film` also gives its position in epochs or images seen.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from math import ceil, log10
from typing import Literal

from pipeline.errors.runs import UnknownGrid
from pipeline.nodes.training_subgraph import grid_tiling
from pipeline.runs.store import RunRecord, Store
from pipeline.runs.tiling import Tiling
from pipeline.studio import workflows
from pipeline.studio.run.ancestry import ancestor_steps

Unit = Literal["step", "epoch", "images"]
Compare = Literal["none", "side", "wipe", "difference"]


@dataclass(frozen=True)
class Film:
    """The frames of one run at present.

    steps: steps of the frames, ascending. tiling: the layout of samples in a frame, None if the workflow does not say.
    earlier: of a fork, the ids of the parents whose frames come first, by step; only if their layout is the same.
    """

    run: str
    steps: tuple[int, ...]
    batch_size: int
    train_images: int
    tiling: Tiling | None
    earlier: Mapping[int, str] = field(default_factory=dict)

    def owner(self, step: int) -> str:
        """Id of the run that drew the frame of this step: this one, or a parent."""
        return self.earlier.get(step, self.run)

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
        """The position with its unit: `step 1,250`, `epoch 17.8`, `80,000 images`; with ` (parent)` for a parent's."""
        figure = self.figure(step, by)
        of_parent = " (parent)" if step in self.earlier else ""
        return f"{figure} images{of_parent}" if by == "images" else f"{by} {figure}{of_parent}"

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
    own = [step for step, _ in store.files(record.id).grids()]
    tiling = _tiling(record.workflow_text, record.data_text)
    earlier = _earlier(store, record, tiling, own)
    steps = tuple(sorted({*own, *earlier}))
    return Film(record.id, steps, record.batch_size, record.train_images, tiling, earlier)


def _earlier(store: Store, record: RunRecord, tiling: Tiling | None, own: Sequence[int]) -> dict[int, str]:
    """The frames of a fork's parents before the fork: step -> run."""
    if record.parent is None or tiling is None:
        return {}
    found: dict[int, str] = {}
    for run, first, last in ancestor_steps(store, record):
        if _tiling(run.workflow_text, run.data_text) != tiling:
            found.clear()
            continue
        # The frame before a run's first step is that of the weights that it began with.
        found |= {step: run.id for step, _ in store.files(run.id).grids() if first - 1 <= step <= last}
    return {step: run for step, run in found.items() if step not in own}


def saved(store: Store, run: str, step: int) -> float:
    """When the frame of this step was saved, in seconds since 1970. Raises UnknownRun or UnknownGrid."""
    try:
        return dict(store.files(run).grids())[step].stat().st_mtime
    except (KeyError, FileNotFoundError):
        raise UnknownGrid(run, step) from None


@lru_cache(maxsize=64)
def _tiling(workflow_text: str, data_text: str) -> Tiling | None:
    return grid_tiling(workflows.of_run(workflow_text, data_text))
