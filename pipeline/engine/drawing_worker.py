"""The drawing engine: draws images from stored runs and reads data sets, so that neither slows training."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.data.fitting import LARGEST_SIZE, Preparation
from pipeline.engine.dataset_reads import DatasetReads
from pipeline.engine.devices import devices
from pipeline.engine.image_previews import previews
from pipeline.engine.layers import layer_table
from pipeline.engine.weights_preview import weights_preview
from pipeline.errors.data import ReadingStopped
from pipeline.errors.machine import UnusableValue
from pipeline.errors.messages import UnknownCommand
from pipeline.graph import document
from pipeline.graph.check import check
from pipeline.nodes.catalogue import NODES
from pipeline.runs.store import Store
from pipeline.runtime.messages.answers import (
    AnyAnswer,
    Done,
    Drawn,
    DrawnPath,
    FittedWeights,
    NearestImages,
    NeighbourImage,
    NetworkLayers,
    Picture,
    ReadingResult,
    StripImage,
    StripPage,
)
from pipeline.runtime.messages.commands import Command
from pipeline.runtime.messages.drawing_commands import (
    Draw,
    DrawBetween,
    DrawPath,
    FitWeights,
    FromCheckpoint,
    Layers,
    Neighbours,
    PreparedSet,
    Report,
    StopReading,
    Strips,
)
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.runtime.messages.wire import AnyCommand
from pipeline.sampling.grid import image_png
from pipeline.sampling.loading import How
from pipeline.sampling.neighbours import NeighbourSearch
from pipeline.sampling.paths import between_from_run, path_from_run
from pipeline.sampling.stored import draw_from_run
from pipeline.training.condition import of_class

MOST_STRIPS = 64
LOOK_SECONDS = 0.01
TELL_SECONDS = 0.3
"""Interval between two reports of progress."""


class DrawingWorker:
    """Carries out the commands of `runtime/messages/drawing_commands.py`."""

    def __init__(
        self,
        home: Path,
        stopping: Callable[[], bool] = lambda: False,
        publish: Callable[[Snapshot], None] = lambda snapshot: None,
    ) -> None:
        """stopping: whether long work has to be cancelled. publish: sends a snapshot to every browser."""
        self._home = home
        self._stopping = stopping
        self._publish = publish
        self._published = 0.0
        self._store = Store(home)
        self._readings = DatasetReads(home)
        self._neighbourhood: NeighbourSearch | None = None
        self.snapshot = Snapshot(engine="ready", devices=devices(), version=1)

    @property
    def busy(self) -> bool:
        """Whether data sets are being read, or the end of a reading has not been published yet."""
        return bool(self.snapshot.readings)

    @property
    def finished(self) -> bool:
        """Never: it ends with the server."""
        return False

    def warm_up(self) -> None:
        """Do nothing: networks are built for each drawing."""

    def obey(self, command: AnyCommand) -> AnyAnswer:
        """Carry out a command. Raises GenscopeError if it is refused or fails."""
        handler = HANDLERS.get(type(command))
        if handler is None:
            raise UnknownCommand("The drawing engine", command.kind, command.number)
        try:
            return handler(self, command)
        finally:
            self.snapshot = replace(self.snapshot, doing="")
            self._tell_readings()

    def advance(self, interrupted: Callable[[], bool]) -> None:
        """Update the progress of the readings, which run in separate threads."""
        end = time.monotonic() + TELL_SECONDS
        while time.monotonic() < end and self._readings.under_way and not interrupted():
            time.sleep(LOOK_SECONDS)
        self._tell_readings()

    def close(self) -> None:
        self._readings.close()
        self._store.close()

    def _tell_readings(self) -> None:
        self.snapshot = replace(self.snapshot, readings=self._readings.under_way)

    def draw(self, command: Draw) -> Drawn:
        drawing = draw_from_run(
            self._store,
            command.run,
            count=command.count,
            progress=self._drawing,
            **_how(command),
        )
        return Drawn(run=drawing.run, step=drawing.step, png=drawing.png())

    def draw_path(self, command: DrawPath) -> DrawnPath:
        columns = path_from_run(
            self._store,
            command.run,
            rows=command.rows,
            columns=command.columns,
            picture=command.picture,
            progress=self._drawing,
            **_how(command),
        )
        step = columns[0].drawing.step
        moments = tuple(Picture(column.label, column.drawing.png()) for column in columns)
        return DrawnPath(run=command.run, step=step, moments=moments)

    def draw_between(self, command: DrawBetween) -> Drawn:
        drawing = between_from_run(
            self._store,
            command.run,
            first=command.first,
            last=command.last,
            frames=command.frames,
            progress=self._drawing,
            **_how(command),
        )
        return Drawn(run=drawing.run, step=drawing.step, png=drawing.png())

    def neighbours(self, command: Neighbours) -> NearestImages:
        if self._neighbourhood is None or self._neighbourhood.run != command.run:
            # Cached, since users view many samples of a run, whose training images never change.
            self._neighbourhood = NeighbourSearch(self._store, command.run)
        near = self._neighbourhood.neighbours(step=command.step, sample=command.sample, count=command.count)
        pairs = zip(near.images, near.distances.tolist(), strict=True)
        return NearestImages(
            found=tuple(NeighbourImage(image_png(image), distance) for image, distance in pairs), usual=near.usual
        )

    def report(self, command: Report) -> ReadingResult:
        _require_sound(command.data)
        key, found = self._readings.ask(command)
        return ReadingResult(key=key, summary=None if found is None else json.dumps(found.as_json()))

    def stop_reading(self, command: StopReading) -> Done:
        self._readings.stop(command.key)
        return Done()

    def strips(self, command: Strips) -> StripPage:
        data = command.data
        _require_sound(data)
        if not 1 <= command.count <= MOST_STRIPS:
            raise UnusableValue(f"{command.count:,} images cannot be shown at once: ask for 1 to {MOST_STRIPS}.")
        found = previews(
            data.source,
            self._home,
            Preparation(data.image_size, data.fit, data.channels, data.shades, data.rules),
            page=command.page,
            count=command.count,
            augmentations=command.augmentations,
            seed=command.seed,
        )
        return StripPage(strips=tuple(StripImage(**strip._asdict()) for strip in found))

    def layers(self, command: Layers) -> NetworkLayers:
        workflow = document.read(command.workflow, "The workflow")
        return NetworkLayers(table=layer_table(self._home, check(workflow, NODES), command.node).json())

    def fit_weights(self, command: FitWeights) -> FittedWeights:
        return weights_preview(self._home, command)

    def _drawing(self, done: int, total: int) -> None:
        """Called between two passes of drawing: publish its progress. Raises ReadingStopped if it was cancelled."""
        if self._stopping():
            raise ReadingStopped("Drawing images", done, total)
        if (now := time.monotonic()) - self._published >= TELL_SECONDS:
            self._published = now
            self.snapshot = replace(self.snapshot, doing=f"Drawing images, {done / total:.0%} done")
            self._publish(self.snapshot)


def _require_sound(data: PreparedSet) -> None:
    """Raise UnusableValue for an image size that no workflow has, whose images might not fit into memory."""
    if not 0 <= data.image_size <= LARGEST_SIZE:
        raise UnusableValue(
            f"Images of {data.image_size:,} pixels a side cannot be prepared: "
            f"choose 1 to {LARGEST_SIZE}, or 0 for the size of a named set."
        )


Handler = Callable[[DrawingWorker, Any], AnyAnswer]

HANDLERS: Mapping[type[Command[Any]], Handler] = {
    Draw: DrawingWorker.draw,
    DrawPath: DrawingWorker.draw_path,
    DrawBetween: DrawingWorker.draw_between,
    Neighbours: DrawingWorker.neighbours,
    Report: DrawingWorker.report,
    StopReading: DrawingWorker.stop_reading,
    Strips: DrawingWorker.strips,
    Layers: DrawingWorker.layers,
    FitWeights: DrawingWorker.fit_weights,
}
"""The handler of each command type of the drawing engine."""


def _how(command: FromCheckpoint[Any]) -> How:
    """The keywords of `loaded` for this command."""
    return How(
        seed=command.seed,
        step=command.step,
        weights=command.weights,
        condition=of_class(command.label),
        settings=command.settings,
        device=command.device,
    )
