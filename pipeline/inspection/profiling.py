"""Profile consecutive training steps with torch.profiler: each step and each stage is a range of the trace.

The steps are trained as always, by whoever trains them; a `StepProfiler` only listens, and the run is bit-identical to
one without it. The first step is a warm-up that is not measured: the profiler prepares itself in it (on CUDA it loads
CUPTI), and so does the run if it was just loaded. It also tells how large the trace will be.
"""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import torch
from torch.profiler import ProfilerActivity, profile, record_function

from pipeline.errors.machine import CannotWrite
from pipeline.formatting import counted
from pipeline.inspection.stage_ranges import stage_label, step_label
from pipeline.runs.atomic_files import os_errors_as_refusals
from pipeline.training.stages import Operation, Update
from pipeline.training.trainer import Trainer

MOST_EVENTS = 250_000
"""About 75 MB of JSON, and half a gigabyte of memory until it is added up: 100 steps of the default template fit."""
QUIET = {"KINETO_LOG_LEVEL": "6"}
"""The profiler's library otherwise logs its begin and end on standard error, and an error where there is no GPU."""


class StepProfiler:
    """Profiles the next steps of a trainer, after one to warm up; a `StepRanges` of it until `stop`.

    steps: how many it is to measure. first: number of the first measured step, 0 before it. measured: how many are
    measured so far. ended: whether it listens no more: it has all, the trace is full, or the next step was not the one
    after the last, as after Back. stages: label of a range -> the update and the stage that it marks, in the order in
    which they ran. cut: why there are fewer than `steps`, in a sentence; "" if there are all.
    """

    def __init__(self, trainer: Trainer, steps: int) -> None:
        self.steps = steps
        self.first = 0
        self.measured = 0
        self.ended = False
        self.cut = ""
        self._trainer = trainer
        self._before = trainer.ranges
        self.stages: dict[str, tuple[str, str]] = {}
        self._limit = steps
        self._next: int | None = None
        for name, level in QUIET.items():
            os.environ.setdefault(name, level)
        self._profiler = self._started()
        trainer.ranges = self

    @contextmanager
    def step(self, number: int) -> Iterator[None]:
        """Around a step: measure it, or warm up with it."""
        if not self.ended and self._next not in (None, number):
            self._end(f"Step {number:,} did not follow the last one, so the profile ended there.")
        if self.ended:
            yield
            return
        with record_function(step_label(number)):
            yield
        if self._next is None:
            self._warmed_up(number)
        else:
            self.measured += 1
        self._next = number + 1
        if self.measured == self._limit:
            self._end(self.cut)

    def stage(self, update: Update, operation: Operation) -> AbstractContextManager[object]:
        """Around a stage."""
        if self.ended:
            return nullcontext()
        label = stage_label(update.name, operation.name)
        self.stages.setdefault(label, (update.name, operation.name))
        return record_function(label)

    def stop(self, why: str = "") -> None:
        """Listen no more. why: the sentence for `cut` if it has not ended before."""
        if not self.ended:
            self._end(why)
        if self._trainer.ranges is self:
            self._trainer.ranges = self._before

    def write(self, path: Path) -> None:
        """Write the trace, in Chrome's JSON format; only once, after `stop`. Raises CannotWrite."""
        with os_errors_as_refusals(path):
            try:
                self._profiler.export_chrome_trace(str(path))
            except RuntimeError as error:
                raise CannotWrite(str(path), f"the profiler failed ({error})") from error
            # The profiler reports no failure to write, and may leave a part of the file, or none.
            if not _is_whole(path):
                raise CannotWrite(str(path), "only a part of the trace was written, as on a full disk")

    def _started(self) -> profile:
        activities = [ProfilerActivity.CPU]
        if self._trainer.state.device.type == "cuda":
            activities.append(ProfilerActivity.CUDA)
        started = profile(activities=activities, profile_memory=True)
        started.start()
        return started

    def _warmed_up(self, number: int) -> None:
        """End the warm-up, which is thrown away, and begin to measure after step `number`."""
        self._profiler.stop()
        per_step = max(1, _events_of(self._profiler))
        self._limit = min(self.steps, max(1, MOST_EVENTS // per_step))
        if self._limit < self.steps:
            self.cut = (
                f"Measured {counted(self._limit, 'step')} of {self.steps:,}: a step has {per_step:,} events, and a "
                f"trace may have {MOST_EVENTS:,}."
            )
        self.first = number + 1
        self._profiler = self._started()

    def _end(self, why: str) -> None:
        self.ended, self.cut = True, why
        self._profiler.stop()


def _is_whole(path: Path) -> bool:
    """Whether this file exists and ends as JSON does."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        file.seek(-min(16, path.stat().st_size), os.SEEK_END)
        return file.read().rstrip().endswith(b"}")


def _events_of(stopped: profile) -> int:
    """The number of events that a profiler has recorded."""
    results = stopped.profiler.kineto_results if stopped.profiler else None
    return len(results.events()) if results else 0


def versions() -> str:
    """The version of the profiler, which is PyTorch's."""
    return f"PyTorch {torch.__version__}"
