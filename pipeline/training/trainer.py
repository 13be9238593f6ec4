"""The Trainer drives a TrainState: a stage at a time, a step at a time, or as many steps as half a second holds.

Slow and fast are the same code: a step is an iterator of stages; going slowly asks it for the next one, going fast
exhausts it. Metrics stay on the device as one row a step and are read once a slice; nothing in a step waits for the
device.
"""

import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from time import perf_counter

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipeline.errors.training import NodeFailure, NotFinite, NotLive, UnknownUpdate
from pipeline.runs.metrics import CLOCK_SERIES
from pipeline.training.experiment import Experiment, begin
from pipeline.training.node_errors import blamed
from pipeline.training.sampler import Latents, Sampler, drawn
from pipeline.training.stages import Made, Operation, Stage, Update
from pipeline.training.state import Captured, JournalEntry, TrainState, Weights
from pipeline.training.step_metrics import Rows, Slice, as_number

ONLY = "only "
"""A journal's action that does one update by itself: this, and the update's name."""

StepObserver = Callable[[int, Mapping[str, float]], bool]
"""(step, its metrics by name) -> whether training is to stop after it."""


class Trainer:
    """A hand on one state. A state must be driven by one Trainer at a time."""

    def __init__(self, experiment: Experiment, state: TrainState) -> None:
        self.experiment = experiment
        self.state = state
        self.names = experiment.series + CLOCK_SERIES
        self._series = frozenset(experiment.series)
        settings = experiment.settings
        self._under_way: Iterator[Stage] | None = None
        self._planned: tuple[tuple[Update, Operation], ...] = ()
        self._place = 0
        self._ahead: deque[JournalEntry] = deque()
        self._rows = Rows(experiment.series, settings.batch_size)
        self._metric_nodes: dict[str, str] = {}

    @classmethod
    def fresh(cls, experiment: Experiment) -> "Trainer":
        """A trainer of a run that has not begun."""
        return cls(experiment, begin(experiment))

    @property
    def between_steps(self) -> bool:
        """Whether no step is half done. Only then does the state mean something by itself."""
        return self._under_way is None

    @property
    def sampler(self) -> Sampler:
        """How the images of the run's sample grid are made."""
        return self.experiment.grid or self.experiment.sampler

    @property
    def upcoming(self) -> tuple[Update, Operation]:
        """The stage that comes next, and the update that it belongs to."""
        return self._plan()[0] if self._under_way is None else self._planned[self._place]

    def stages(self) -> Iterator[Stage]:
        """The stages that the step under way has still to do, or those of the next step, done as they are asked for.

        With the last stage the step is finished and counted. Raises NodeFailure where a stage fails; the state is then
        half a step ahead and good only for being restored.
        """
        if self._under_way is None:
            self._follow_journal()
            self._under_way = self._one_step()
        return self._under_way

    def finish_step(self) -> None:
        """Do what is left of a step that is half done; nothing between steps."""
        if self._under_way is not None:
            for _ in self.stages():
                pass

    def step(self) -> Slice:
        """Finish the step under way, or do one."""
        return self.slice(1)

    def slice(
        self,
        steps: int | None = None,
        seconds: float = 0.5,
        interrupted: Callable[[], bool] = lambda: False,
        watch: StepObserver | None = None,
    ) -> Slice:
        """Train until `steps` are done or `seconds` are over (at least one step), or `interrupted()` between steps.

        watch: told the metrics of each step before the next one begins; training ends after the step for which it
        answers True. It makes every step wait for the device. Returns what `read` returns, and raises what `stages` and
        `read` raise.
        """
        end = perf_counter() + seconds
        done = 0
        while steps is None or done < steps:
            before = self.state.seconds
            for _ in self.stages():
                pass
            self._follow_journal()
            done += 1
            if watch is not None and watch(self.state.step, self._newest(self.state.seconds - before)):
                break
            if perf_counter() >= end or interrupted():
                break
        return self.read()

    def read(self) -> Slice:
        """The metrics of the steps finished since they were last read; waits for the device.

        Raises NotFinite with the first step in which a metric is NaN or infinite; `read` once more then returns the
        steps before it. The same holds after a stage has failed: the steps before that one can still be read.
        """
        started = perf_counter()
        bad = self._rows.first_bad()
        self._spend(perf_counter() - started)
        if bad is not None:
            step, metric = bad
            self.state.seconds -= self._rows.cut(step)
            raise self._not_finite(metric, step)
        return self._rows.take(self.state.step, self.state.seconds)

    def update_only(self, name: str) -> Mapping[str, float]:
        """One update and no other, with images and noise of its own; returns the metrics it made.

        It is no step: `step` stays, the update's counter grows, and the journal keeps it for a replay. A step that is
        half done is finished first. Raises UnknownUpdate, NodeFailure, and NotFinite, after which the state is good
        only for being restored.
        """
        update = next((update for update in self.experiment.updates if update.name == name), None)
        if update is None:
            raise UnknownUpdate(name, [each.name for each in self.experiment.updates])
        self.finish_step()
        metrics = {metric: value.item() for metric, value in self._update(update).items()}
        for metric, value in metrics.items():
            if not math.isfinite(value):
                raise self._not_finite(metric, self.state.step)
        self.state.journal.append(JournalEntry(self.state.step, ONLY + name, 1.0))
        return metrics

    def set_live(self, key: str, value: float) -> None:
        """Put a live value, "node.parameter", in force from the next step on, and note it in the journal.

        A step that is half done is finished first. Raises NotLive where the run has no such live value.
        """
        if key not in self.state.live:
            node, _, parameter = key.partition(".")
            raise NotLive(node, parameter)
        self.finish_step()
        self.state.set_live(key, value)
        self.state.journal.append(JournalEntry(self.state.step, key, value))

    def capture(self) -> Captured:
        """A copy of the state at a step boundary; a step that is half done is finished first."""
        self.finish_step()
        return self.state.capture()

    def restore(self, captured: Captured, journal: Iterable[JournalEntry] = ()) -> None:
        """Go back (or on) to what was captured; a step that is half done and metrics not yet read are thrown away.

        journal: the whole journal of which `captured` has the beginning. What it has beyond that is done again as
        training comes to the steps at which it was done.
        """
        self._under_way = None
        self._rows.clear()
        self.state.restore(captured)
        self._ahead = deque(tuple(journal)[len(captured.journal) :])
        self._follow_journal()

    def forget_ahead(self) -> None:
        """What was done by hand later on is not done again: from here the run takes another way."""
        self._ahead.clear()

    def draw(self, count: int, seed: int, weights: Weights = "ema") -> NDArray[np.uint8]:
        """(count, H, W, C) uint8: images of the sample grid; changes nothing in training.

        weights: "ema" for the moving average, which is the raw weights where no average is kept. Raises NodeFailure.
        """
        samples = self.experiment.samples
        with self.blamed(samples.node if samples else self.experiment.node, "draw its images"):
            return drawn(self.sampler, self.state.networks_of(weights), self.latents(count, seed))

    def latents(self, count: int, seed: int) -> Latents:
        """What the images of the sample grid are made of; the same for the same seed."""
        return self.sampler.latents(count, seed)

    def blamed(self, node: str, doing: str) -> AbstractContextManager[None]:
        """Raises NodeFailure for whatever is raised inside: node `node` failed to do that."""
        return blamed(node, doing, self.experiment.titles.get(node, ""))

    def _plan(self) -> tuple[tuple[Update, Operation], ...]:
        """The stages of a step that begins now."""
        return tuple(
            (update, operation)
            for update in self.experiment.updates
            for _ in range(int(self.state.live.get(update.repeats, 1)))
            for operation in update.operations
        )

    def _one_step(self) -> Iterator[Stage]:
        self._planned, self._place = self._plan(), 0
        if not self._planned:
            self._under_way = None
            raise self._failure("do a step", "none of its updates has anything to do.")
        metrics: dict[str, Tensor] = {}
        made: dict[str, Tensor] = {}
        for number, (update, operation) in enumerate(self._planned, start=1):
            started = perf_counter()
            if operation is update.operations[0]:
                made = {}
            added = self._do(operation, made, metrics)
            if operation is update.operations[-1]:
                self.state.counters[update.counter] += 1
            self._place = number
            if number == len(self._planned):
                self._count_step(metrics)
            detached = {name: tensor.detach() for name, tensor in added.items()}
            stage = Stage(update.name, operation, number, len(self._planned), detached)
            self._spend(perf_counter() - started)
            yield stage

    def _update(self, update: Update) -> dict[str, Tensor]:
        """The metrics of one update that is no part of a step."""
        started = perf_counter()
        # A forward pass in training mode moves the statistics of batch normalization, of the other networks too.
        others = [network for role, network in self.state.networks.items() if role not in update.roles]
        statistics = [(buffer, buffer.clone()) for network in others for buffer in network.buffers()]
        metrics: dict[str, Tensor] = {}
        made: dict[str, Tensor] = {}
        for operation in update.operations:
            self._do(operation, made, metrics)
        for buffer, before in statistics:
            buffer.copy_(before)
        self.state.counters[update.counter] += 1
        self.state.seconds += perf_counter() - started
        return metrics

    def _do(self, operation: Operation, made: dict[str, Tensor], metrics: dict[str, Tensor]) -> Made:
        """Does a stage; what it makes goes into `made`, and the metrics among that into `metrics`."""
        try:
            with self.blamed(operation.node, f"do its stage {operation.name!r}"):
                added = operation.run(self.state, made)
                for name, tensor in added.items():
                    if not isinstance(name, str) or not isinstance(tensor, Tensor):
                        raise TypeError(f"it made {name!r}, a {type(tensor).__name__} and no tensor with a name")
                made.update(added)
                for name in self._series.intersection(added):
                    metrics[name] = as_number(name, added[name], self.state.device)
                    self._metric_nodes[name] = operation.node
        except BaseException:
            self._under_way = None
            raise
        return added

    def _count_step(self, metrics: dict[str, Tensor]) -> None:
        if missing := [name for name in self.experiment.series if name not in metrics]:
            self._under_way = None
            raise self._failure("record its metrics", f"no stage of the step made {missing[0]!r}, which is declared.")
        self.state.average(self.experiment.settings.ema_decay(self.state.step))
        self.state.step += 1
        self._rows.add(self.state.step, torch.stack([metrics[name] for name in self.experiment.series]))
        self._under_way = None

    def _follow_journal(self) -> None:
        """Does again what was done by hand at this step, where the run has been here before."""
        while self._ahead and self._ahead[0].step == self.state.step:
            entry = self._ahead.popleft()
            if entry.action.startswith(ONLY):
                self.update_only(entry.action.removeprefix(ONLY))
            else:
                self.set_live(entry.action, entry.value)

    def _failure(self, doing: str, reason: str) -> NodeFailure:
        """What the training node is to blame for."""
        node = self.experiment.node
        return NodeFailure(node, doing, reason, self.experiment.titles.get(node, ""))

    def _not_finite(self, metric: str, step: int) -> NotFinite:
        node = self._metric_nodes[metric]
        return NotFinite(node, metric, step, title=self.experiment.titles.get(node, ""))

    def _newest(self, seconds: float) -> dict[str, float]:
        """The metrics of the step that has just been done, in so many seconds."""
        speed = self.experiment.settings.batch_size / seconds
        return dict(zip(self.names, [*self._rows.newest(), speed, self.state.seconds], strict=True))

    def _spend(self, seconds: float) -> None:
        self.state.seconds += seconds
        self._rows.seconds += seconds
