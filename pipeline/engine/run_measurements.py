"""The measurements of one run: made with the sample grid of a step, stored there, and recalled at later steps."""

import math
from collections.abc import Mapping

from pipeline.engine.run_pictures import RunPictures
from pipeline.inspection.rewind import Rewind
from pipeline.runs import point_series
from pipeline.runs.store import Store
from pipeline.training.trainer import StepObserver, Trainer


class RunMeasurements:
    """Draws, measures and stores sample grids. newest: the newest measurement at or before the trainer's step, by name.

    Behind the run's head everything has been stored already, so nothing is measured there but recalled.
    """

    def __init__(self, store: Store, run: str, trainer: Trainer, pictures: RunPictures, rewind: Rewind) -> None:
        self._store = store
        self._run = run
        self._trainer = trainer
        self._pictures = pictures
        self._rewind = rewind
        self.newest: Mapping[str, float] = {}
        self._made_at = -1

    @property
    def values(self) -> dict[str, float]:
        """The newest measurement for conditions: NaN for what was not measured yet."""
        return dict.fromkeys(self._pictures.checkup, math.nan) | dict(self.newest)

    def steps_until_stored(self) -> int | None:
        """Behind the head: the number of steps until the next stored measurement, None if there is none."""
        if not self._rewind.behind_head:
            return None
        steps = point_series.steps_after(self._store, self._run, self._pictures.checkup, self._step)
        return int(steps[0]) - self._step if len(steps) else None

    def sample(self) -> None:
        """Draw and measure the sample grid of this step, and store both. Raises NodeFailure, CannotWrite."""
        if self._rewind.behind_head:
            self.show()
            return
        self.newest, self._made_at = self._pictures.draw(keep=True, measure=True), self._step
        if self.newest:
            point_series.record(self._store, self._run, self._step, self.newest)

    def sample_if_due(self) -> None:
        """`sample`, if a sample grid is due after this step."""
        if self._pictures.grid_due(self._step):
            self.sample()

    def sample_at_end(self) -> None:
        """`sample` the step at which training ends, unless that has been done."""
        if self._made_at != self._step:
            self.sample()

    def sample_again(self) -> None:
        """Draw the sample grid of the step from which the run is resumed.

        It is measured only if that is due and missing, so that a resumed run has the measurements of an uninterrupted
        one.
        """
        self.recall()
        if self._made_at != self._step and self._pictures.grid_due(self._step):
            self.sample()
        else:
            self._pictures.draw(keep=True, measure=False)

    def show(self) -> None:
        """Draw the sample grid of this step for pages only."""
        self._pictures.draw(keep=False, measure=False)
        self.recall()

    def recall(self) -> None:
        """Take the newest measurement at or before this step from the store."""
        self._made_at, self.newest = point_series.latest(self._store, self._run, self._pictures.checkup, self._step)

    def watched(self, watch: StepObserver, measured: int | None) -> StepObserver:
        """`watch`, called with the newest measurement too. measured: a step that is measured when the slice has ended,
        after which `watch` is called for it."""
        newest = self.values

        def observe(step: int, values: Mapping[str, float]) -> bool:
            # A step that is not finite fails before anything is measured.
            if step == measured and all(map(math.isfinite, values.values())):
                return False
            return watch(step, {**values, **newest})

        return observe

    @property
    def _step(self) -> int:
        return self._trainer.state.step
