"""One run under way: its trainer, its record in the store, its files. The engine and the command line both drive it.

Nothing here decides when to go on; `advance` trains one slice and records it, and raises where a node fails.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Self

import torch

from pipeline import VERSION
from pipeline.data.images import ImageSet
from pipeline.errors.base import GenscopeError
from pipeline.errors.machine import CannotWrite
from pipeline.errors.runs import BrokenCheckpoint, NoCheckpoint
from pipeline.errors.training import NodeFailure, NotFinite, NotLive
from pipeline.graph import document, edit
from pipeline.graph.workflow import Workflow
from pipeline.nodes.assemble import assemble, check_or_refuse
from pipeline.nodes.catalogue import NODES
from pipeline.runs import metrics
from pipeline.runs.lock import RunLock
from pipeline.runs.store import EventKind, RunRecord, Store
from pipeline.sampling.grid import grid_png
from pipeline.training import checkpoint
from pipeline.training.threads import best_thread_count
from pipeline.training.trainer import Slice, Trainer

CHECKPOINT_SECONDS = 30.0
"""A run that is killed loses at most so much training."""
REALS = 64
"""Real images shown beside a run that draws no samples."""


class ActiveRun:
    """A run that this process owns (it holds the run's lock) until `close`."""

    def __init__(self, store: Store, record: RunRecord) -> None:
        """Takes the run's lock. Raises RunLocked."""
        self.store = store
        self.record = record
        self.files = store.files(record.id)
        self.workflow = document.read(record.workflow_text, record.name)
        self.trainer: Trainer
        self.samples = b""
        self.samples_step = 0
        self.reals = b""
        self.metrics: dict[str, float] = {}
        self.saved: int | None = None
        self._saved_at = time.monotonic()
        self._lock = RunLock(self.files)
        self._lock.acquire()

    @classmethod
    def start(cls, store: Store, workflow: Workflow, who: str) -> Self:
        """A new run of this workflow, built and saved at step 0.

        Raises InvalidWorkflow and UnreadableDocument before anything is recorded; NodeFailure (a node cannot be
        built) and CannotWrite with the run recorded as failed and let go.
        """
        training = check_or_refuse(workflow)
        text = document.write(workflow)
        # A run whose workflow could not be read again could never be resumed.
        document.read(text, "The workflow")
        record = store.create(
            name=workflow.name,
            workflow_text=text,
            device=training.device,
            seed=training.seed,
            total_steps=training.total_steps,
            batch_size=training.batch_size,
            train_images=training.images.count,
            who=who,
        )
        run = cls(store, record)
        with run._failing_whole():
            run._build()
            store.add_event(record.id, 0, "started", f"Started on {run.device}", who)
            run.save()
            run._draw()
        return run

    @classmethod
    def resume(cls, store: Store, run_id: str, who: str) -> Self:
        """A stored run, taken up at its last sound checkpoint; what was recorded after it is forgotten.

        Raises UnknownRun, RunLocked; NoCheckpoint, NodeFailure and CannotWrite with the run recorded as failed.
        """
        record = store.run(run_id)
        run = cls(store, record)
        with run._failing_whole():
            run._build()
            run._load()
            metrics.truncate(store, record.id, run.step)
            store.update(record.id, state="paused", step=run.step, error="", error_node="")
            store.add_event(record.id, run.step, "resumed", f"Resumed at step {run.step:,} on {run.device}", who)
            run._draw()
        return run

    @property
    def id(self) -> str:
        return self.record.id

    @property
    def step(self) -> int:
        return self.trainer.state.step

    @property
    def images_per_second(self) -> float:
        return self.metrics.get("images_per_second", 0.0)

    @property
    def device(self) -> str:
        return str(self.trainer.experiment.settings.device)

    @property
    def total_steps(self) -> int:
        return self.record.total_steps

    def extend(self, steps: int) -> None:
        """Moves the planned end to `steps` steps from here."""
        self.record = replace(self.record, total_steps=self.step + steps)
        self.store.update(self.id, total_steps=self.record.total_steps)

    def advance(self, until: int, interrupted: Callable[[], bool]) -> Slice:
        """Trains about half a second towards step `until` and records it. Raises NodeFailure."""
        steps = until - self.step
        grid = self.trainer.experiment.samples
        if grid is not None:
            steps = min(steps, grid.every - self.step % grid.every)
        try:
            done = self.trainer.slice(steps, interrupted=interrupted)
        except GenscopeError:
            self._record_sound_steps()
            raise
        self._record(done)
        self.store.update(
            self.id,
            state="running",
            step=self.step,
            seconds=self.trainer.state.seconds,
            images_per_second=self.images_per_second,
        )
        if grid is not None and self.step % grid.every == 0:
            self._draw()
        if time.monotonic() - self._saved_at > CHECKPOINT_SECONDS:
            self.save()
        return done

    def save(self) -> Path:
        """A checkpoint of this step, thinning out older ones. Raises CannotWrite."""
        folder = self.files.checkpoint_folder(self.step)
        if self.saved != self.step:
            checkpoint.save(folder, self.trainer.state, {"run": self.id, "step": self.step})
            self.files.thin()
            self.saved = self.step
        self._saved_at = time.monotonic()
        return folder

    def save_on_request(self, who: str) -> Path:
        folder = self.save()
        self._event("saved", f"Checkpoint saved at step {self.step:,}", who)
        return folder

    def pause(self, who: str) -> None:
        self.store.update(self.id, state="paused")
        self._event("paused", f"Paused at step {self.step:,}", who)
        self.save()

    def rest(self) -> None:
        """The end of a chunk: paused, without an event, so that walking step by step does not fill the list."""
        self.store.update(self.id, state="paused")

    def finish(self) -> None:
        self.store.update(self.id, state="finished")
        self._event("finished", f"Finished after {self.step:,} steps", "")
        self.save()

    def fail(self, error: GenscopeError) -> None:
        """Records the failure; the last checkpoint stands. Raises CannotWrite."""
        self._record_failure(error, self.step)

    def set_live(self, node: str, parameter: str, value: float, who: str) -> None:
        """Changes a live parameter from the next step on. Raises NotLive, or Refusal for a value out of range."""
        key = f"{node}.{parameter}"
        if key not in self.trainer.state.live:
            raise NotLive(node, parameter)
        edit.set_fitting_parameter(self.workflow, node, parameter, value, NODES)
        before = self.trainer.state.live[key]
        self.trainer.set_live(key, value)
        data = {"parameter": key, "from": before, "to": value}
        self._event("parameter changed", f"{key} changed from {before:g} to {value:g}", who, data)

    def close(self) -> None:
        self._lock.release()

    def _record_sound_steps(self) -> None:
        """The steps before one that failed: what led up to it is what one wants to see."""
        try:
            self._record(self.trainer.read())
        except NotFinite:
            self._record(self.trainer.read())

    def _record(self, done: Slice) -> None:
        if not done.steps:
            return
        metrics.append(self.store, self.id, done.first_step, done.names, done.values)
        self.metrics = dict(zip(done.names, map(float, done.values[-1]), strict=True))

    def _event(self, kind: EventKind, text: str, who: str, data: dict[str, object] | None = None) -> None:
        self.store.add_event(self.id, self.step, kind, text, who, data)

    @contextlib.contextmanager
    def _failing_whole(self) -> Iterator[None]:
        """What goes wrong while a run is taken up is recorded as its failure, and its lock is let go."""
        try:
            yield
        except GenscopeError as error:
            # On a full disk the record may fail as well; the first failure is the one to tell.
            with contextlib.suppress(CannotWrite):
                self._record_failure(error, self.record.step)
            with contextlib.suppress(CannotWrite):
                self.close()
            raise

    def _record_failure(self, error: GenscopeError, step: int) -> None:
        node = error.node_id if isinstance(error, NodeFailure) else ""
        self.store.update(self.id, state="failed", error=str(error), error_node=node)
        self.store.add_event(self.id, step, "failed", str(error), "")

    def _build(self) -> None:
        experiment = assemble(self.workflow, self.store.home)
        torch.set_num_threads(best_thread_count(self.store.home))
        self.trainer = Trainer.fresh(experiment)
        count = experiment.samples.count if experiment.samples else REALS
        self.reals = _real_grid(experiment.images.train, count)

    def _load(self) -> None:
        for step, folder in reversed(self.files.checkpoints()):
            try:
                checkpoint.load(folder, self.trainer.state)
            except BrokenCheckpoint as error:
                self.store.add_event(self.id, step, "failed", str(error), "")
                continue
            self.saved = step
            return
        raise NoCheckpoint(self.id)

    def _draw(self) -> None:
        grid = self.trainer.experiment.samples
        if grid is None:
            return
        images = self.trainer.draw(grid.count, grid.seed)
        texts = document.png_texts(self.workflow, self.id, self.step, grid.seed, VERSION)
        self.samples = grid_png(images, texts=texts)
        self.samples_step = self.step
        self.files.save_grid(self.step, self.samples)


def _real_grid(images: ImageSet, count: int) -> bytes:
    """The first real images of the set, which sources have shuffled, at the size of the generated ones."""
    pixels = images.pixels[:count].permute(0, 2, 3, 1).cpu().numpy()
    return grid_png(pixels)
