"""The evaluation engine as the server uses it: started by the first command, and again after it has ended itself."""

from pathlib import Path

from pipeline.runtime.handle import TrainerHandle
from pipeline.runtime.messages.commands import AnswerT, Command
from pipeline.runtime.messages.snapshot import Snapshot


class EvaluationEngine:
    """A handle that starts no process before it has to. Any thread may use it."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._handle: TrainerHandle | None = None

    @property
    def snapshot(self) -> Snapshot:
        """The newest snapshot; an empty one before the first command."""
        return Snapshot(engine="gone") if self._handle is None else self._handle.snapshot

    def ask(self, command: Command[AnswerT], timeout: float = 60.0) -> AnswerT:
        """As `TrainerHandle.ask`."""
        if self._handle is None:
            self._handle = TrainerHandle(self._home, role="evaluate")
        return self._handle.ask(command, timeout)

    def close(self) -> None:
        """Close the link, if there is one; the engine ends soon after."""
        if self._handle is not None:
            self._handle.close()
