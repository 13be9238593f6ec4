"""The evaluation engine: measures how good the images of stored runs are, in a process of low priority that ends soon.

It computes with one thread and yields the CPU to every other process, so that training goes on. On a GPU it evaluates
only if there is memory for a second context; otherwise on the CPU.
"""

import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import torch

from pipeline.data.progress import ReadProgress
from pipeline.engine.devices import devices
from pipeline.engine.evaluation_queue import EvaluationQueue
from pipeline.engine.image_pages import failed_images, judged_images, memorised_images, require_page
from pipeline.engine.image_views import ImageView, ImageViews
from pipeline.errors.evaluation import EvaluationUnderWay
from pipeline.errors.messages import UnknownCommand
from pipeline.evaluation.device_choice import evaluation_device
from pipeline.evaluation.failures import failures
from pipeline.evaluation.memorisation import memorisation
from pipeline.evaluation.verdicts import verdicts
from pipeline.metrics.signature import Sets
from pipeline.runs.store import Store
from pipeline.runtime.messages.answers import AnyAnswer, Done
from pipeline.runtime.messages.commands import Command
from pipeline.runtime.messages.evaluation_commands import (
    Evaluate,
    FindFailures,
    FindMemorised,
    JudgeImages,
    LookAtImages,
    StopEvaluation,
    StopLooking,
)
from pipeline.runtime.messages.image_answers import FailedImages, JudgedImages, MemorisedImages
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.runtime.messages.wire import AnyCommand

LOWEST_PRIORITY = 19
AUTOGROUP = Path("/proc/self/autogroup")
"""Where Linux keeps the priority of this process's session, if it weighs sessions (`sched(7)`, autogroup)."""
IDLE_SECONDS = 60.0
"""How long the process stays without work: long enough for a user to choose what comes next."""
LOOK_SECONDS = 0.05
TELL_SECONDS = 0.3
"""Interval between two reports of progress."""

FactsT = TypeVar("FactsT")


class EvaluationWorker:
    """Carries out the commands of `runtime/messages/evaluation_commands.py`."""

    def __init__(self, home: Path) -> None:
        self._store = Store(home)
        self._queue = EvaluationQueue(home)
        self._views = ImageViews(home, self._queue.threads)
        self._used = time.monotonic()
        self.snapshot = Snapshot(engine="ready", devices=devices(), version=1)

    @property
    def busy(self) -> bool:
        """Whether evaluations or views wait or work, or the end of one has not been published yet."""
        return self._queue.busy or self._views.busy or self.snapshot.evaluations != self._queue.under_way

    @property
    def finished(self) -> bool:
        """Whether it has had no work for IDLE_SECONDS."""
        return not self.busy and time.monotonic() - self._used > IDLE_SECONDS

    def warm_up(self) -> None:
        """Take the lowest priority and one thread; threads that begin later have them too."""
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, 0, LOWEST_PRIORITY)
        with suppress(OSError):
            # Linux weighs sessions against each other, and priorities only within one; each engine is a session.
            AUTOGROUP.write_text(str(LOWEST_PRIORITY))
        if hasattr(os, "SCHED_IDLE"):
            # Linux: training's threads, which sleep at every barrier, take the core back the moment they wake up.
            # With a low priority alone they wait for the end of a slice.
            with suppress(OSError):
                os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        torch.set_num_threads(1)

    def obey(self, command: AnyCommand) -> AnyAnswer:
        """Carry out a command. Raises GenscopeError if it is refused or fails."""
        handler = HANDLERS.get(type(command))
        if handler is None:
            raise UnknownCommand("The evaluation engine", command.kind, command.number)
        try:
            return handler(self, command)
        finally:
            self._tell()

    def advance(self, interrupted: Callable[[], bool]) -> None:
        """Update the progress of the evaluations, which run in a separate thread."""
        end = time.monotonic() + TELL_SECONDS
        while time.monotonic() < end and (self._queue.busy or self._views.busy) and not interrupted():
            time.sleep(LOOK_SECONDS)
        self._tell()

    def close(self) -> None:
        self._views.close()
        self._queue.close()
        self._store.close()

    def _tell(self) -> None:
        self._used = time.monotonic()
        self.snapshot = replace(self.snapshot, evaluations=self._queue.under_way)

    def evaluate(self, command: Evaluate) -> Done:
        record = self._store.resolve(command.run)
        if self._queue.holds(record.id):
            raise EvaluationUnderWay(record.id)
        self._queue.add(replace(command, run=record.id, device=evaluation_device(command.device)))
        return Done(run=record.id)

    def stop_evaluation(self, command: StopEvaluation) -> Done:
        self._queue.stop(command.run)
        return Done(run=command.run)

    def judge_images(self, command: JudgeImages) -> JudgedImages:
        view = self._view(command, lambda sets, _: verdicts(sets))
        if not view.done:
            return JudgedImages(doing=view.doing, share=view.share)
        return judged_images(command, view.result())

    def find_memorised(self, command: FindMemorised) -> MemorisedImages:
        view = self._view(command, memorisation)
        if not view.done:
            return MemorisedImages(doing=view.doing, share=view.share)
        return memorised_images(command, view.result())

    def find_failures(self, command: FindFailures) -> FailedImages:
        view = self._view(command, lambda sets, _: failures(sets))
        if not view.done:
            return FailedImages(doing=view.doing, share=view.share)
        return failed_images(command, view.result())

    def stop_looking(self, command: StopLooking) -> Done:
        self._views.stop(command.run)
        return Done(run=command.run)

    def _view(self, command: LookAtImages[Any], find: Callable[[Sets, ReadProgress], FactsT]) -> ImageView[FactsT]:
        require_page(command)
        run = self._store.resolve(command.run).id
        device = evaluation_device(command.device)
        return self._views.ask(replace(command, run=run, device=device), self._store, find)


Handler = Callable[[EvaluationWorker, Any], AnyAnswer]

HANDLERS: Mapping[type[Command[Any]], Handler] = {
    Evaluate: EvaluationWorker.evaluate,
    StopEvaluation: EvaluationWorker.stop_evaluation,
    JudgeImages: EvaluationWorker.judge_images,
    FindMemorised: EvaluationWorker.find_memorised,
    FindFailures: EvaluationWorker.find_failures,
    StopLooking: EvaluationWorker.stop_looking,
}
"""The handler of each command type of the evaluation engine."""
