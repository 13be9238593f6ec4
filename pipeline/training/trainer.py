"""The Trainer drives a TrainState: a stage at a time, a step at a time, or as many steps as half a second holds.

Slow and fast are the same code: a step is a generator of stages; going slowly asks it for the next one, going fast
exhausts it. Metrics stay on the device as one row a step and are read once a slice; nothing in a step waits for the
device.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import perf_counter

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipeline.errors.base import GenscopeError
from pipeline.errors.training import NodeFailure, NotFinite, NotLive
from pipeline.training.drawing import draw_images
from pipeline.training.experiment import Experiment
from pipeline.training.stages import Made, Operation, Stage
from pipeline.training.state import Captured, JournalEntry, TrainState, Weights

CLOCK_SERIES = ("images_per_second", "seconds")
"""Series that every run has after those of its updates: batch size · steps per second, and seconds spent training."""


@dataclass(frozen=True)
class Slice:
    """The metrics of some steps in a row.

    first_step: number of the first of them; a run's first step is 1. names: of the series. values: (steps, series)
    float32. seconds: spent training on these steps; in `values` each step has an equal share of them.
    """

    first_step: int
    names: tuple[str, ...]
    values: NDArray[np.float32]
    seconds: float

    @property
    def steps(self) -> int:
        """How many steps these are."""
        return len(self.values)


class Trainer:
    """A hand on one state. A state must be driven by one Trainer at a time."""

    def __init__(self, experiment: Experiment, state: TrainState) -> None:
        self.experiment = experiment
        self.state = state
        self.names = experiment.series + CLOCK_SERIES
        self._series = frozenset(experiment.series)
        settings = experiment.settings
        self._decay = 0.5 ** (settings.batch_size / settings.ema_halflife_images) if state.averages else 1.0
        self._under_way: Iterator[Stage] | None = None
        self._unread: list[Tensor] = []  # one row (series,) a step, since the last read
        self._first_unread = 0
        self._unread_seconds = 0.0
        self._metric_nodes: dict[str, str] = {}

    @classmethod
    def fresh(cls, experiment: Experiment) -> "Trainer":
        """A trainer of a run that has not begun."""
        return cls(experiment, TrainState.fresh(experiment))

    @property
    def between_steps(self) -> bool:
        """Whether no step is half done. Only then does the state mean something by itself."""
        return self._under_way is None

    def stages(self) -> Iterator[Stage]:
        """The stages that the step under way has still to do, or those of the next step, done as they are asked for.

        With the last stage the step is finished and counted. Raises NodeFailure where a stage fails; the state is then
        half a step ahead and good only for being restored.
        """
        if self._under_way is None:
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
    ) -> Slice:
        """Train until `steps` are done or `seconds` are over (at least one step), or `interrupted()` between steps.

        Returns what `read` returns, and raises what `stages` and `read` raise.
        """
        end = perf_counter() + seconds
        done = 0
        while steps is None or done < steps:
            for _ in self.stages():
                pass
            done += 1
            if perf_counter() >= end or interrupted():
                break
        return self.read()

    def read(self) -> Slice:
        """The metrics of the steps finished since they were last read; waits for the device.

        Raises NotFinite with the first step in which a metric is NaN or infinite; `read` once more then returns the
        steps before it. The same holds after a stage has failed: the steps before that one can still be read.
        """
        started = perf_counter()
        rows = self._rows()
        self._spend(perf_counter() - started)
        finite = np.isfinite(rows)
        if not finite.all():
            good = int(np.argmin(finite.all(axis=1)))
            metric = self.experiment.series[int(np.argmin(finite[good]))]
            self._spend(-self._unread_seconds * (len(rows) - good) / len(rows))
            del self._unread[good:]
            raise NotFinite(self._metric_nodes[metric], metric, self._first_unread + good)
        return self._as_slice(rows)

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

    def restore(self, captured: Captured) -> None:
        """Go back (or on) to what was captured; a step that is half done and metrics not yet read are thrown away."""
        self._under_way = None
        self._unread.clear()
        self._unread_seconds = 0.0
        self.state.restore(captured)

    def draw(self, count: int, seed: int, weights: Weights = "ema") -> NDArray[np.uint8]:
        """(count, H, W, C) uint8 images from fixed noise; changes nothing in training.

        weights: "ema" for the moving average, which is the raw weights where no average is kept.
        """
        experiment = self.experiment
        network = self.state.network(experiment.sampled, weights)
        return draw_images(network, experiment.draw_latents, count, seed, experiment.settings.device)

    def _one_step(self) -> Iterator[Stage]:
        state, updates = self.state, self.experiment.updates
        metrics: dict[str, Tensor] = {}
        for number, update in enumerate(updates, start=1):
            made: dict[str, Tensor] = {}
            for operation in update.operations:
                started = perf_counter()
                added = self._do(operation, made)
                made.update(added)
                for name in self._series.intersection(added):
                    metrics[name] = added[name].detach()
                    self._metric_nodes[name] = operation.node
                if operation is update.operations[-1]:
                    state.counters[update.counter] += 1
                    if number == len(updates):
                        self._count_step(metrics)
                stage = Stage(update.name, operation.name, operation.node, {k: v.detach() for k, v in added.items()})
                self._spend(perf_counter() - started)
                yield stage

    def _do(self, operation: Operation, made: Made) -> Made:
        try:
            return operation.run(self.state, made)
        except Exception as error:
            self._under_way = None
            if isinstance(error, GenscopeError):
                raise
            raise NodeFailure(operation.node, f"do its stage {operation.name!r}", _reason(error)) from error

    def _count_step(self, metrics: dict[str, Tensor]) -> None:
        self.state.average(self._decay)
        self.state.step += 1
        if not self._unread:
            self._first_unread = self.state.step
        self._unread.append(torch.stack([metrics[name] for name in self.experiment.series]))
        self._under_way = None

    def _spend(self, seconds: float) -> None:
        self.state.seconds += seconds
        self._unread_seconds += seconds

    def _rows(self) -> NDArray[np.float32]:
        """(steps, series) of the unread steps, fetched from the device at once."""
        if not self._unread:
            return np.empty((0, len(self.experiment.series)), np.float32)
        rows: NDArray[np.float32] = torch.stack(self._unread).cpu().numpy()
        return rows

    def _as_slice(self, rows: NDArray[np.float32]) -> Slice:
        count, seconds = len(rows), self._unread_seconds
        clocks = np.empty((count, len(CLOCK_SERIES)))
        if count:
            clocks[:, 0] = self.experiment.settings.batch_size * count / seconds
            clocks[:, 1] = self.state.seconds - seconds + seconds * np.arange(1, count + 1) / count
        values = np.concatenate([rows, clocks], axis=1, dtype=np.float32)
        first_step = self._first_unread if count else self.state.step + 1
        self._unread.clear()
        self._unread_seconds = 0.0
        return Slice(first_step, self.names, values, seconds)


def _reason(error: Exception) -> str:
    if isinstance(error, torch.OutOfMemoryError):
        return "the device's memory is full. Choose a smaller batch size."
    lines = str(error).strip().splitlines()
    return lines[0] if lines else f"{type(error).__name__}."
