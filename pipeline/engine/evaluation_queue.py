"""The evaluations of one engine: one after another, in a thread, so that commands and progress do not wait."""

import time
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Event

from pipeline.engine.giving_way import GivingWay
from pipeline.errors.base import GenscopeError
from pipeline.errors.data import ReadingStopped
from pipeline.evaluation.evaluate import Asked, Evaluator, evaluate_each
from pipeline.formatting import describe_error
from pipeline.runs.store import Store
from pipeline.runtime.messages.evaluation_commands import Evaluate
from pipeline.runtime.messages.snapshot import EvaluationProgress

WAITING = "Waiting for other evaluations"


class QueuedEvaluation:
    """One evaluation, also its own progress callback, which raises ReadingStopped after `stop`."""

    def __init__(self, run: str, threads: ThreadPoolExecutor, asked: Asked, home: Path) -> None:
        self.run = run
        self._doing, self._share = WAITING, 0.0
        self._begun = self._ended = 0.0
        self._stop = Event()
        self._give_way = GivingWay(self._stop)
        self._error = ""
        self._work: Future[None] = threads.submit(self._evaluate, asked, home)

    def __call__(self, doing: str, share: float) -> None:
        self._doing, self._share = doing, share
        self._give_way(doing, share)

    @property
    def done(self) -> bool:
        return self._work.done()

    @property
    def failed(self) -> bool:
        """Whether it ended without its result: it is shown until it is dismissed."""
        return self.done and bool(self._error)

    @property
    def progress(self) -> EvaluationProgress:
        until = self._ended or time.monotonic()
        seconds = until - self._begun if self._begun else 0.0
        return EvaluationProgress(self.run, self._doing, self._share, seconds, self._error, self._stop.is_set())

    def stop(self) -> None:
        """Stop it; what it has measured is kept."""
        self._stop.set()
        if self._work.cancel():
            self._error = "Stopped before it began."

    def _evaluate(self, asked: Asked, home: Path) -> None:
        self._begun = time.monotonic()
        store = Store(home)
        try:
            self("Opening the run", 0.0)
            self._error = " ".join(evaluate_each(Evaluator(store, self.run, asked, self)).failures)
        except ReadingStopped:
            self._error = f"Stopped after {self._share:.0%}. What was measured is kept."
        except GenscopeError as error:
            self._error = str(error)
        except Exception as error:  # noqa: BLE001 - a bad metric must not end the engine; the user is told
            self._error = f"The evaluation failed: {describe_error(error)}."
        finally:
            self._ended = time.monotonic()
            store.close()


class EvaluationQueue:
    """All evaluations of one engine. Call it only from the engine's main thread."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._queued: OrderedDict[str, QueuedEvaluation] = OrderedDict()
        self.threads = ThreadPoolExecutor(1, "genscope-evaluating")
        """One thread, also for the views of evaluated images: a second one would take time from training."""

    @property
    def under_way(self) -> tuple[EvaluationProgress, ...]:
        """Those that wait, work or have failed."""
        return tuple(each.progress for each in self._queued.values() if not each.done or each.failed)

    @property
    def busy(self) -> bool:
        """Whether any waits or works."""
        return any(not each.done for each in self._queued.values())

    def holds(self, run: str) -> bool:
        """Whether an evaluation of this run waits or works."""
        return run in self._queued and not self._queued[run].done

    def add(self, command: Evaluate) -> None:
        """Queue an evaluation. Raises UnusableValue, UnknownMetrics."""
        asked = Asked(
            steps=command.steps,
            every_step=command.every_step,
            weights=command.weights,
            metrics=command.metrics,
            count=command.count,
            seed=command.seed,
            data=command.data,
            features=command.features,
            settings=command.settings,
            device=command.device,
        )
        asked.require_sound()
        self._queued.pop(command.run, None)
        self._queued[command.run] = QueuedEvaluation(command.run, self.threads, asked, self._home)

    def stop(self, run: str) -> None:
        """Stop the evaluation of a run; forget one that has ended."""
        found = self._queued.get(run)
        if found is not None:
            found.stop()
            if found.done:
                del self._queued[run]

    def close(self) -> None:
        """Stop all evaluations and wait until they have ended."""
        for each in self._queued.values():
            each.stop()
        self.threads.shutdown()
