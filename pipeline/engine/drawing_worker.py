"""The second engine: looks at what runs have left behind and at data sets, so that looking never slows training."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pipeline.data.fitting import Preparation
from pipeline.engine.dataset_reads import DatasetReads
from pipeline.engine.devices import devices
from pipeline.engine.image_previews import strips
from pipeline.engine.layers import layer_table
from pipeline.errors.base import Refusal
from pipeline.errors.data import ReadingStopped
from pipeline.errors.machine import UnusableValue
from pipeline.graph import document
from pipeline.graph.check import check
from pipeline.nodes.catalogue import NODES
from pipeline.runs.store import Store
from pipeline.runtime.messages import Answer, Command, Snapshot
from pipeline.sampling.grid import image_png
from pipeline.sampling.neighbours import Neighbourhood
from pipeline.sampling.stored import draw_from_run
from pipeline.training.condition import Condition, of_class

LOOK_SECONDS = 0.01
TELL_SECONDS = 0.3
"""From one word on what is being read to the next."""


class DrawingWorker:
    """Obeys `draw`, images from a checkpoint, and `neighbours`, the real images nearest to a sample of a kept grid; and
    of a data set `report`, `stop_reading` and `strips`, some of its images; and of a workflow `layers`, those of one of
    its networks."""

    def __init__(self, home: Path, stopping: Callable[[], bool] = lambda: False) -> None:
        """stopping: whether what takes long is to end, because somebody said so."""
        self._home = home
        self._stopping = stopping
        self._store = Store(home)
        self._readings = DatasetReads(home)
        self._neighbourhood: Neighbourhood | None = None
        self.snapshot = Snapshot(engine="ready", devices=devices(), version=1)
        self._commands: dict[str, Callable[[Command], Answer]] = {
            "draw": self._draw,
            "neighbours": self._neighbours,
            "report": self._report,
            "stop_reading": self._stop_reading,
            "strips": self._strips,
            "layers": self._layers,
        }

    @property
    def busy(self) -> bool:
        """Whether sets are being read, or the last word on that has still to be said."""
        return bool(self.snapshot.readings)

    def warm_up(self) -> None:
        """Nothing to prepare: networks are built for each drawing."""

    def obey(self, command: Command) -> Answer:
        """Raises GenscopeError where the command is refused or fails, with what the functions that it calls raise."""
        if command.kind not in self._commands:
            raise Refusal(f"The drawing engine knows no command {command.kind!r}.")
        try:
            return self._commands[command.kind](command)
        finally:
            self._tell_readings()

    def advance(self, interrupted: Callable[[], bool]) -> None:
        """Sets are read by themselves; here it is told how far they are."""
        end = time.monotonic() + TELL_SECONDS
        while time.monotonic() < end and self._readings.under_way and not interrupted():
            time.sleep(LOOK_SECONDS)
        self._tell_readings()

    def close(self) -> None:
        self._readings.close()
        self._store.close()

    def _tell_readings(self) -> None:
        self.snapshot = replace(self.snapshot, readings=self._readings.under_way)

    def _draw(self, command: Command) -> Answer:
        """The answer carries the grid as PNG."""
        asked = dict(command.arguments)
        condition = _condition(asked.pop("label", None))
        drawing = draw_from_run(self._store, command.run, condition=condition, progress=self._stopped, **asked)
        return Answer(command.number, values={"run": drawing.run, "step": drawing.step}, blobs=(drawing.png(),))

    def _stopped(self, done: int, total: int) -> None:
        """Told between two passes of drawing. Raises ReadingStopped."""
        if self._stopping():
            raise ReadingStopped("Drawing images", done, total)

    def _neighbours(self, command: Command) -> Answer:
        """The answer carries a PNG of each neighbour, and their distances."""
        if self._neighbourhood is None or self._neighbourhood.run != command.run:
            # Kept, since one looks at many samples of a run: its images never change.
            self._neighbourhood = Neighbourhood(self._store, command.run)
        found = self._neighbourhood.neighbours(**command.arguments)
        values = {"distances": found.distances.tolist(), "usual": found.usual}
        return Answer(command.number, values=values, blobs=tuple(map(image_png, found.images)))

    def _report(self, command: Command) -> Answer:
        """The answer carries what came of a reading, None where it is under way or has not been begun."""
        key, found = self._readings.ask(**command.arguments)
        return Answer(command.number, values={"key": key, "summary": None if found is None else found.as_json()})

    def _stop_reading(self, command: Command) -> Answer:
        self._readings.stop(**command.arguments)
        return Answer(command.number)

    def _strips(self, command: Command) -> Answer:
        """The answer carries a PNG of each image, empty for one that cannot be read, and their facts."""
        asked = dict(command.arguments)
        preparation = Preparation(**asked.pop("preparation"))
        found = strips(home=self._home, preparation=preparation, **asked)
        facts = [{**strip._asdict(), "png": None} for strip in found]
        return Answer(command.number, values={"strips": facts}, blobs=tuple(strip.png for strip in found))

    def _layers(self, command: Command) -> Answer:
        """The answer carries the table of layers of a node of a workflow, as text."""
        workflow = document.read(str(command.arguments["workflow"]), "The workflow")
        table = layer_table(self._home, check(workflow, NODES), str(command.arguments["node"]))
        return Answer(command.number, values={"table": table.json()})


def _condition(label: object) -> Condition:
    """What a command asks images to be, by the label of a class. Raises UnusableValue for what is no number of one."""
    if isinstance(label, bool) or not isinstance(label, int | None):
        raise UnusableValue(f"A class is asked for by its number, and {str(label)[:60]!r} is none.")
    return of_class(label)
