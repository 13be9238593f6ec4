"""The second engine: looks at what runs have left behind, so that looking at a run never slows training."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.engine.devices import devices
from pipeline.errors.base import Refusal
from pipeline.runs.store import Store
from pipeline.runtime.messages import Answer, Command, Snapshot
from pipeline.sampling.grid import image_png
from pipeline.sampling.neighbours import Neighbourhood
from pipeline.sampling.stored import draw_from_run

if TYPE_CHECKING:
    from pipeline.engine.service import Service


class DrawingWorker:
    """Obeys `draw`, images from a checkpoint, and `neighbours`, the real images nearest to a sample of a kept grid."""

    def __init__(self, home: Path) -> None:
        self._store = Store(home)
        self._neighbourhood: Neighbourhood | None = None
        self.snapshot = Snapshot(engine="ready", devices=devices(), version=1)
        self._commands: dict[str, Callable[[Command], Answer]] = {"draw": self._draw, "neighbours": self._neighbours}

    @property
    def busy(self) -> bool:
        return False

    def warm_up(self) -> None:
        """Nothing to prepare: a generator is built for each drawing."""

    def obey(self, command: Command) -> Answer:
        """Raises GenscopeError where the command is refused or fails, with what the functions that it calls raise."""
        if command.kind not in self._commands:
            raise Refusal(f"The drawing engine knows no command {command.kind!r}.")
        return self._commands[command.kind](command)

    def advance(self, service: "Service") -> None:
        """Nothing goes on by itself here."""

    def close(self) -> None:
        self._store.close()

    def _draw(self, command: Command) -> Answer:
        """The answer carries the grid as PNG."""
        drawing = draw_from_run(self._store, command.run, **command.arguments)
        return Answer(command.number, values={"run": drawing.run, "step": drawing.step}, blobs=(drawing.png(),))

    def _neighbours(self, command: Command) -> Answer:
        """The answer carries a PNG of each neighbour, and their distances."""
        if self._neighbourhood is None or self._neighbourhood.run != command.run:
            # Kept, since one looks at many samples of a run: its images never change.
            self._neighbourhood = Neighbourhood(self._store, command.run)
        found = self._neighbourhood.neighbours(**command.arguments)
        values = {"distances": found.distances.tolist(), "usual": found.usual}
        return Answer(command.number, values=values, blobs=tuple(map(image_png, found.images)))
