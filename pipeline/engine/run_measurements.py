"""The measurements of one run: made at a step, stored there, and recalled at later steps; and the metrics of its steps.

There are three kinds: the checkup of a sample grid, the periodic evaluation, and what training takes of the machine.
The first two depend on the step alone; the third is made when some seconds have passed. All of it also goes into the
run's log for TensorBoard, if it has one.
"""

import math
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from pipeline.engine.periodic_evaluation import PeriodicEvaluation
from pipeline.engine.replaced_images import ReplacedImages
from pipeline.engine.run_pictures import RunPictures
from pipeline.engine.system_metrics import SystemMetrics
from pipeline.engine.tensorboard_log import RunLog
from pipeline.errors.data import ReadingStopped
from pipeline.errors.machine import HomeTrouble
from pipeline.inspection.rewind import Rewind
from pipeline.runs import metrics, point_series, stage_times
from pipeline.runs.store import Store
from pipeline.runs.system_series import SYSTEM_NAMES
from pipeline.training.step_metrics import Slice, StepObserver
from pipeline.training.trainer import Trainer


@dataclass(frozen=True)
class Made:
    """The newest measurement of one kind. step: −1 for none."""

    step: int = -1
    values: Mapping[str, float] = field(default_factory=dict)


class RunMeasurements:
    """Draws, measures and stores.

    Behind the run's head everything has been stored already, so nothing is measured there but recalled. pending:
    whether the evaluation of this step was interrupted, and is still to be made. evaluation: None if the run has none.
    """

    def __init__(
        self,
        store: Store,
        run: str,
        trainer: Trainer,
        pictures: RunPictures,
        rewind: Rewind,
        evaluation: PeriodicEvaluation | None,
        save: Callable[[], object],
        log: RunLog,
    ) -> None:
        """save: saves a checkpoint of the trainer's step. log: gets everything that is recorded."""
        self._store = store
        self._run = run
        self._trainer = trainer
        self._pictures = pictures
        self._rewind = rewind
        self._save = save
        self._log = log
        self.evaluation = evaluation
        self._replaced = ReplacedImages(trainer.experiment.images.train)
        self._system = SystemMetrics(trainer.clock, trainer.experiment.settings.device)
        self._checkup, self._evaluated = Made(), Made()
        self._unwritten: list[Slice] = []
        self._unsettled = False
        self.pending = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all that is measured at steps that are known before."""
        return (*self._pictures.checkup, *(self.evaluation.names if self.evaluation else ()))

    @property
    def newest(self) -> Mapping[str, float]:
        """The newest measurements of the samples at or before the trainer's step, by name."""
        return {**self._checkup.values, **self._evaluated.values}

    @property
    def values(self) -> dict[str, float]:
        """The newest measurements for conditions: NaN for what was not measured yet."""
        return dict.fromkeys((*self.names, *SYSTEM_NAMES), math.nan) | {**self.newest, **self._system.newest}

    @property
    def kept(self) -> Collection[int]:
        """The steps whose checkpoints are kept because of what was measured there."""
        return self.evaluation.kept if self.evaluation else ()

    def due(self, step: int) -> bool:
        """Whether something is measured after this step."""
        return self._pictures.grid_due(step) or self._evaluation_due(step)

    def steps_until_due(self) -> int | None:
        """The number of steps until something is due; 0 if the next step is probed; None if nothing is due."""
        due = [self._pictures.steps_until_due()]
        if self.evaluation is not None:
            due.append(self.evaluation.steps_until_due(self._step))
        return min((each for each in due if each is not None), default=None)

    def steps_until_stored(self) -> int | None:
        """Behind the head: the number of steps until the next stored measurement, None if there is none."""
        if not self._rewind.behind_head:
            return None
        steps = point_series.steps_after(self._store, self._run, self.names, self._step)
        return int(steps[0]) - self._step if len(steps) else None

    def add_steps(self, new: Slice) -> None:
        """Keep the metrics of new steps in memory, until `write_steps` has stored them."""
        self._unwritten.append(new)
        self._unsettled = True

    def write_steps(self) -> None:
        """Store the metrics of all steps that were not stored yet. Raises HomeTrouble; what is not stored is kept."""
        while self._unwritten:
            new = self._unwritten[0]
            metrics.append(self._store, self._run, new.first_step, new.names, new.values)
            del self._unwritten[0]
            self._log.steps(new)

    def settle(self, interrupted: Callable[[], bool] = lambda: False) -> None:
        """Store what could not be stored after the last step; does nothing if all of it was. interrupted: as for
        `measure_if_due`. Raises NodeFailure, HomeTrouble."""
        if self._unsettled:
            self.write_steps()
            self._pictures.save_probe()
            self.measure_if_due(interrupted)

    def sample(self) -> None:
        """Draw and measure the sample grid of this step, and store both. Raises NodeFailure, CannotWrite."""
        if self._rewind.behind_head:
            self.show()
        else:
            self._make(grid=True, evaluation=False)

    def measure_if_due(self, interrupted: Callable[[], bool] = lambda: False) -> None:
        """Measure what is due after this step. interrupted: if true, the evaluation becomes `pending`. Raises
        NodeFailure, HomeTrouble."""
        grid = self._pictures.grid_due(self._step)
        if not self._rewind.behind_head:
            evaluation = self._evaluation_due(self._step) and self._evaluated.step != self._step
            self._make(grid=grid, evaluation=evaluation, interrupted=interrupted)
        elif grid:
            self.show()
        self._unsettled = False
        self._measure_system()
        if text := self._replaced.news():
            self._store.add_event(self._run, self._step, "images replaced", text, "")

    def go_on(self, interrupted: Callable[[], bool]) -> bool:
        """Make the pending evaluation of this step, and return whether it is made. Raises NodeFailure, CannotWrite."""
        self._make(grid=False, evaluation=True, interrupted=interrupted)
        return not self.pending

    def sample_at_end(self, *, finished: bool = False) -> None:
        """Draw and measure the sample grid of the step at which training ends, unless that has been done. finished:
        whether the run ends too, so that its images are evaluated."""
        evaluation = finished and self.evaluation is not None and self._evaluated.step != self._step
        if self._checkup.step == self._step:
            self._make(grid=False, evaluation=evaluation)
        elif self._rewind.behind_head:
            self.show()
        else:
            self._make(grid=True, evaluation=evaluation)
        self._measure_system(at_end=True)

    def sample_again(self) -> None:
        """Draw the sample grid of the step from which the run is resumed.

        What is due there is measured only if it is missing, so that a resumed run has the measurements of an
        uninterrupted one.
        """
        self.recall()
        step = self._step
        grid = self._checkup.step != step and self._pictures.grid_due(step)
        if not grid:
            # An uninterrupted run would not have kept it, unless it is due.
            self._pictures.draw(keep=self._pictures.grid_due(step), measure=False)
        self._make(grid=grid, evaluation=self._evaluated.step != step and self._evaluation_due(step))

    def show(self) -> None:
        """Draw the sample grid of this step for pages only."""
        self._pictures.draw(keep=False, measure=False)
        self.recall()

    def recall(self) -> None:
        """Take the newest measurements at or before this step from the store."""
        self.pending = False
        self._checkup = self._stored(self._pictures.checkup)
        self._evaluated = self._stored(self.evaluation.names if self.evaluation else ())
        self._system.newest = self._stored(SYSTEM_NAMES).values

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

    def _make(self, *, grid: bool, evaluation: bool, interrupted: Callable[[], bool] = lambda: False) -> None:
        """Draw and measure, and store what was measured of the samples of this step."""
        step, self.pending = self._step, False
        checkup, evaluated, new = self._checkup, self._evaluated, []
        if grid:
            checkup = Made(step, self._pictures.draw(keep=True, measure=True))
            new.append(checkup)
        if evaluation and self.evaluation is not None:
            try:
                evaluated = Made(step, self.evaluation.measure(interrupted))
                new.append(evaluated)
            except ReadingStopped:
                self.pending = True
        here: dict[str, float] = {}
        for made in (checkup, evaluated):
            here |= made.values if made.step == step else {}
        if here and (grid or evaluation):
            point_series.record(self._store, self._run, step, here)
        # Only now: what could not be stored is made again.
        self._checkup, self._evaluated = checkup, evaluated
        for made in new:
            self._log.measured(step, made.values)
        if grid:
            self._log.grid(step, self._pictures.samples, step // max(1, self._pictures.every))
        if self.evaluation is not None and not self._rewind.behind_head:
            # Also of a step whose values were recalled: the process may have ended before the checkpoint was kept.
            self.evaluation.keep_best(step, here, self._save)

    def _measure_system(self, *, at_end: bool = False) -> None:
        """Store what training takes of the machine, if that is due. In a replay, which is stored already, nothing
        counts."""
        if self._rewind.behind_head:
            self._system.forget()
        elif self._system.due(at_end=at_end):
            times = self._system.take()
            files = self._store.files(self._run)
            # Training does not stop for this: what is written of the next steps tells that there is no room.
            with suppress(HomeTrouble):
                point_series.record(self._store, self._run, self._step, self._system.newest)
                stage_times.save(files, stage_times.added(stage_times.load(files), times))
            self._log.measured(self._step, self._system.newest)

    def _evaluation_due(self, step: int) -> bool:
        return self.evaluation is not None and self.evaluation.due(step)

    def _stored(self, names: Collection[str]) -> Made:
        return Made(*point_series.latest(self._store, self._run, names, self._step)) if names else Made()

    @property
    def _step(self) -> int:
        return self._trainer.state.step
