"""The evaluation engine as the server uses it: started by the first command, and again after it has ended itself."""

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from pipeline.errors.training import CommandRefused, EngineGone
from pipeline.runtime.handle import TrainerHandle
from pipeline.runtime.messages.answers import Done
from pipeline.runtime.messages.commands import AnswerT, Command
from pipeline.runtime.messages.evaluation_commands import Evaluate
from pipeline.runtime.messages.snapshot import EvaluationProgress, Snapshot

STARTING = "Starting the evaluation engine"
ENDED = "The evaluation engine was ended from outside. What was measured is kept; evaluate again for the rest."
ANSWER_SECONDS = 60.0


class EvaluationEngine:
    """A handle that starts no process before it has to. Any thread may use it."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._handle: TrainerHandle | None = None
        self._threads = ThreadPoolExecutor(4, "genscope-evaluate")
        self._sent: dict[str, Future[Done]] = {}
        self._dismissed: set[str] = set()

    @property
    def snapshot(self) -> Snapshot:
        """The newest snapshot; an empty one before the first command."""
        return Snapshot(engine="gone") if self._handle is None else self._handle.snapshot

    def ask(self, command: Command[AnswerT], timeout: float = ANSWER_SECONDS) -> AnswerT:
        """As `TrainerHandle.ask`."""
        if self._handle is None:
            self._handle = TrainerHandle(self._home, role="evaluate")
        return self._handle.ask(command, timeout)

    def send(self, command: Evaluate) -> None:
        """Have a run evaluated, without waiting for the process to start. `progress_of` says if that was refused."""
        self._dismissed.discard(command.run)
        self._sent[command.run] = self._threads.submit(self.ask, command)

    def forget(self, run: str) -> None:
        """Forget that an evaluation of this run was refused, or ended with its engine."""
        self._sent.pop(run, None)
        self._dismissed.add(run)

    def progress_of(self, run: str) -> EvaluationProgress | None:
        """The evaluation of a run that waits, works, has failed or was refused; None if there is none."""
        sent = self._sent.get(run)
        if sent is not None and not sent.done():
            return EvaluationProgress(run, STARTING)
        if sent is not None and (error := sent.exception()):
            return EvaluationProgress(run, STARTING, error=ENDED if _engine_gone(error) else str(error))
        snapshot = self.snapshot
        found = next((each for each in snapshot.evaluations if each.run == run), None)
        if found is None or snapshot.engine != "gone":
            return found
        if run in self._dismissed:
            return None
        if not found.error:
            return EvaluationProgress(run, found.doing, error=ENDED)
        return found

    def close(self) -> None:
        """Close the link, if there is one; the engine ends soon after."""
        if self._handle is not None:
            self._handle.close()
        self._threads.shutdown(wait=False, cancel_futures=True)


def _engine_gone(error: BaseException) -> bool:
    return isinstance(error, EngineGone) or (isinstance(error, CommandRefused) and error.kind == EngineGone.__name__)
