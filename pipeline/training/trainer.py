"""The Trainer trains a TrainState by single stages, by steps, or by slices of about half a second.

All three run the same code: a step is an iterator over stages; walking asks it for one stage, a slice exhausts it.
Metrics stay on the device, one row per step, and are read once per slice; nothing within a step waits for the device.
"""

import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from time import perf_counter
from typing import Self

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from pipeline.data.progress import ReadProgress, no_progress
from pipeline.errors.data import ReadingStopped
from pipeline.errors.training import NodeFailure, NotFinite, NotLive, UnknownUpdate
from pipeline.runs.later_changes import ONLY
from pipeline.runs.stage_times import WAIT
from pipeline.training.experiment import Experiment, begin
from pipeline.training.inference import preserved_statistics
from pipeline.training.node_errors import node_errors
from pipeline.training.sampler import Sampler, draw_images
from pipeline.training.stage_clock import StageClock
from pipeline.training.stage_runner import StageRunner
from pipeline.training.stages import Made, Operation, Stage, StepRanges, Update
from pipeline.training.state import Captured, JournalEntry, TrainState, Weights
from pipeline.training.step_metrics import Rows, Slice, StepObserver
from pipeline.training.step_plan import StepPlan


class Trainer:
    """Trains one state. Only one Trainer may use a state at a time. clock: where the time of its steps goes."""

    def __init__(self, experiment: Experiment, state: TrainState) -> None:
        self.experiment = experiment
        self.state = state
        self.clock = StageClock()
        self.progress: ReadProgress = no_progress  # Called while an update is prepared; it may raise to stop.
        self.ranges: StepRanges | None = None  # Of a profiler; None if nothing listens.
        self._plan = StepPlan(experiment, state)
        self._runner = StageRunner(state, experiment.series, experiment.titles)
        self._under_way: Iterator[Stage] | None = None
        self._planned: tuple[tuple[Update, Operation], ...] = ()
        self._place = 0
        self._ahead: deque[JournalEntry] = deque()
        self._rows = Rows(experiment.series, experiment.settings.batch_size)

    @classmethod
    def fresh(cls, experiment: Experiment) -> Self:
        """A trainer at step 0 of a new run."""
        return cls(experiment, begin(experiment))

    @property
    def between_steps(self) -> bool:
        """Whether no step is half done. Only then is the state complete."""
        return self._under_way is None

    @property
    def journal(self) -> tuple[JournalEntry, ...]:
        """The user's changes up to this step, and those of later steps that will be repeated."""
        return (*self.state.journal, *self._ahead)

    @property
    def sampler(self) -> Sampler:
        """The sampler of the sample grid of this step."""
        return self._plan.sampler

    @property
    def plan(self) -> tuple[tuple[Update, int], ...]:
        """The updates of a step in order, each with the number of times that its live value says."""
        return self._plan.updates

    @property
    def unprepared(self) -> bool:
        """Whether the next stage begins a step that has to be prepared first."""
        return self.between_steps and bool(self._plan.unprepared)

    @property
    def upcoming(self) -> tuple[Update, Operation]:
        """The update and operation of the next stage."""
        return self._plan.stages[0] if self._under_way is None else self._planned[self._place]

    def stages(self) -> Iterator[Stage]:
        """Run the remaining stages of a half-done step, or those of the next step, one per iteration.

        The last stage finishes and counts the step. Raises NodeFailure if a stage fails; the state is then in the
        middle of a step and must be restored. Raises what `progress` raises, before the step begins.
        """
        if self._under_way is None:
            self.catch_up()
            self._prepare()
            self._under_way = self._one_step()
        return self._under_way

    def prepare(self) -> bool:
        """Prepare the next step if it has to be; return whether it is, or `progress` raised ReadingStopped. The next
        call then goes on with it. Raises NodeFailure."""
        if self.unprepared:
            self.catch_up()
            with suppress(ReadingStopped):
                self._prepare()
        return not self.unprepared

    def finish_step(self) -> None:
        """Finish a half-done step; do nothing between steps."""
        if self._under_way is not None:
            deque(self.stages(), maxlen=0)

    def whole_step(self) -> None:
        """Train a step, or the rest of a half-done one, and repeat the user's changes after it. Raises as `stages`."""
        with self.ranges.step(self.state.step + 1) if self.ranges else nullcontext():
            deque(self.stages(), maxlen=0)
        self.catch_up()

    def step(self) -> Slice:
        """As `whole_step`; returns its metrics."""
        return self.slice(1)

    def slice(
        self, steps: int | None = None, seconds: float = 0.5, interrupted: Callable[[], bool] = lambda: False,
        watch: StepObserver | None = None,
    ) -> Slice:  # fmt: skip
        """Train until `steps` are done, `seconds` are over or `interrupted()`: a step at least, if it can be prepared.

        watch: called before the next step; each then waits for the device. Returns and raises as `read` and `stages`.
        """
        end, done = perf_counter() + seconds, 0
        self.clock.begin()
        while steps is None or done < steps:
            before = self.state.seconds
            if not self.prepare():
                break
            self.whole_step()
            done += 1
            if watch is not None and watch(self.state.step, self._rows.newest(before, self.state.seconds)):
                break
            if perf_counter() >= end or interrupted():
                break
        return self.read()

    def read(self) -> Slice:
        """The metrics of the steps finished since they were last read; waits for the device.

        Raises NotFinite with the first step in which a metric is NaN or infinite; a second `read` then returns the
        steps before it. After a failed stage, too, the steps before it can still be read.
        """
        started = perf_counter()
        bad = self._rows.first_bad()
        self._spend("", WAIT, perf_counter() - started)
        self.clock.end()
        if bad is not None:
            step, metric = bad
            self.state.seconds -= self._rows.cut(step)
            raise self._not_finite(metric, step)
        return self._rows.take(self.state.step, self.state.seconds)

    def update_only(self, name: str) -> Mapping[str, float]:
        """Run a single update, with new images and noise, and return its metrics; a half-done step is finished first.

        This is not a step: `step` stays the same, the update's counter increases, and the journal records it for a
        replay. Raises UnknownUpdate, NodeFailure and NotFinite; after the last two the state must be restored.
        """
        updates = {update.name: update for update, _ in self.plan}
        if name not in updates:
            raise UnknownUpdate(name, list(updates), idle=any(name == each.name for each in self.experiment.updates))
        self.finish_step()
        self._prepare()
        metrics = {metric: value.item() for metric, value in self._update(updates[name]).items()}
        if bad := next((metric for metric, value in metrics.items() if not math.isfinite(value)), ""):
            raise self._not_finite(bad, self.state.step)
        self.state.journal.append(JournalEntry(self.state.step, ONLY + name, 1.0))
        return metrics

    def set_live(self, key: str, value: float) -> None:
        """Set a live value, "node.parameter", from the next step on, and record the change in the journal.

        A half-done step is finished first; later changes of this value are not repeated. Raises NotLive if it has none.
        """
        if key not in self.state.live:
            raise NotLive(*key.partition(".")[::2])
        self.finish_step()
        self._ahead = deque(entry for entry in self._ahead if entry.action != key)
        self._change(JournalEntry(self.state.step, key, value))

    def capture(self) -> Captured:
        """A copy of the state at a step boundary; a half-done step is finished first."""
        self.finish_step()
        return self.state.capture()

    def restore(self, captured: Captured, journal: Iterable[JournalEntry] = ()) -> None:
        """Restore a captured state of an earlier or later step; discard a half-done step and unread metrics.

        journal: the complete journal, of which `captured` has the beginning; the rest is repeated at its steps.
        """
        self._under_way = None
        self._rows.clear()
        self.state.restore(captured)
        self._plan.forget()
        self._ahead = deque(tuple(journal)[len(captured.journal) :])
        self.catch_up()

    def drop_replay(self) -> None:
        """Do not repeat the later journal entries: from here the run is no longer a replay."""
        self._ahead.clear()

    def draw(self, count: int, seed: int, weights: Weights = "ema") -> NDArray[np.uint8]:
        """Draw the images of the sample grid, (count, H, W, C) uint8, without affecting training.

        weights: "ema" for the moving average, or the raw weights if no average is kept. Raises NodeFailure.
        """
        samples = self.experiment.samples
        with self.blamed(samples.node if samples else self.experiment.node, "draw its images"):
            return draw_images(self.sampler, self.state.networks_of(weights), self.sampler.latents(count, seed))

    def blamed(self, node: str, doing: str, *, every: bool = False) -> AbstractContextManager[None]:
        """Raise NodeFailure for an exception raised inside: node `node` failed to `doing`. every: see `node_errors`."""
        return node_errors(node, doing, self.experiment.titles.get(node, ""), every=every)

    def _prepare(self) -> None:
        self._plan.prepare(self.progress, self.blamed)

    def _one_step(self) -> Iterator[Stage]:
        self._planned, self._place = self._plan.stages, 0
        if not self._planned:
            raise self._failure("train a step", "no update has a stage to run.")
        metrics, made = dict[str, Tensor](), dict[str, Tensor]()
        for number, (update, operation) in enumerate(self._planned, start=1):
            started = perf_counter()
            if operation is update.operations[0]:
                made = {name: made[name] for name in update.takes if name in made}
            added = self._do(update, operation, made, metrics)
            if operation is update.operations[-1]:
                self.state.counters[update.counter] += 1
            self._place = number
            if number == len(self._planned):
                self._count_step(metrics)
            self._spend(update.name, operation.name, perf_counter() - started)
            yield Stage(update.name, operation, number, len(self._planned), added)

    def _update(self, update: Update) -> dict[str, Tensor]:
        """Run one update outside a step and return its metrics."""
        started = perf_counter()
        others = [network for role, network in self.state.networks.items() if role not in update.roles]
        metrics, made = dict[str, Tensor](), dict[str, Tensor]()
        with preserved_statistics(others):
            for operation in (*update.alone, *update.operations):
                self._do(update, operation, made, metrics)
        self.state.counters[update.counter] += 1
        self.state.seconds += perf_counter() - started
        return metrics

    def _do(self, update: Update, operation: Operation, made: dict[str, Tensor], metrics: dict[str, Tensor]) -> Made:
        """As `StageRunner.run`; the step ends if it raises."""
        try:
            with self.ranges.stage(update, operation) if self.ranges else nullcontext():
                return self._runner.run(operation, made, metrics)
        except BaseException:
            self._under_way = None
            raise

    def _count_step(self, metrics: dict[str, Tensor]) -> None:
        if missing := self._plan.missing(metrics):
            raise self._failure("record its metrics", f"no stage made the declared metric {missing!r}.")
        for update, _ in self.plan:
            self.state.average(self.experiment.settings.ema_decay(self.state.step - update.first), update.roles)
        self.state.step += 1
        self._rows.add(self.state.step, metrics)
        self._under_way = None

    def catch_up(self) -> None:
        """Repeat the user's changes at this step, in a replay and after a resume. Raises as `update_only` does."""
        while self._ahead and self._ahead[0].step == self.state.step:
            self._change(self._ahead.popleft())

    def _change(self, entry: JournalEntry) -> None:
        if entry.action.startswith(ONLY):
            self.update_only(entry.action.removeprefix(ONLY))
        else:
            self.state.set_live(entry.action, entry.value)
            self.state.journal.append(entry)

    def _failure(self, doing: str, reason: str) -> NodeFailure:
        """A NodeFailure of the training node, with which the step ends."""
        self._under_way, node = None, self.experiment.node
        return NodeFailure(node, doing, reason, self.experiment.titles.get(node, ""))

    def _not_finite(self, metric: str, step: int) -> NotFinite:
        node = self._runner.metric_nodes[metric]
        return NotFinite(node, metric, step, title=self.experiment.titles.get(node, ""))

    def _spend(self, update: str, stage: str, seconds: float) -> None:
        self.state.seconds += seconds
        self._rows.seconds += seconds
        self.clock.add(update, stage, seconds)
