"""The second engine: draws samples from stored checkpoints, so that looking at a run never slows training."""

from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.engine.devices import devices
from pipeline.errors.base import Refusal
from pipeline.runs.store import Store
from pipeline.runtime.messages import Answer, Command, Snapshot
from pipeline.sampling.stored import draw_from_run

if TYPE_CHECKING:
    from pipeline.engine.service import Service


class DrawingWorker:
    """Obeys one command, `draw`, whose answer carries the grid as PNG."""

    def __init__(self, home: Path) -> None:
        self._store = Store(home)
        self.snapshot = Snapshot(engine="ready", devices=devices(), version=1)

    @property
    def busy(self) -> bool:
        return False

    def warm_up(self) -> None:
        """Nothing to prepare: a generator is built for each drawing."""

    def obey(self, command: Command) -> Answer:
        """Raises UnknownRun, NoCheckpoint, NodeFailure, or Refusal for a count that is out of range."""
        if command.kind != "draw":
            raise Refusal(f"The drawing engine knows no command {command.kind!r}.")
        drawing = draw_from_run(self._store, command.run, **command.arguments)
        return Answer(command.number, values={"run": drawing.run, "step": drawing.step}, blobs=(drawing.png(),))

    def advance(self, service: "Service") -> None:
        """Nothing goes on by itself here."""

    def close(self) -> None:
        self._store.close()
