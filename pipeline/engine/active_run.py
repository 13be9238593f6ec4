"""One run under way: its trainer, its record in the store, its files. The engine and the command line both drive it.

Nothing here decides when to go on; `advance` trains one slice and records it, and raises where a node fails. A run that
has gone back records nothing until it is where it was: what is trained again is known already.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from pipeline.data.device_placement import why_streamed
from pipeline.engine.run_pictures import RunPictures
from pipeline.errors.base import GenscopeError
from pipeline.errors.training import NodeFailure, NotFinite, NotLive
from pipeline.graph import edit
from pipeline.graph.form import parameters
from pipeline.graph.workflow import Workflow
from pipeline.inspection.rewind import DEFAULT_BUDGET, Rewind
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.checked_workflow import CheckedWorkflow
from pipeline.runs import metrics, pause_requests
from pipeline.runs.lock import RunLock
from pipeline.runs.pause_requests import PauseRequest
from pipeline.runs.store import EventKind, RunRecord, Store
from pipeline.training import checkpoint
from pipeline.training.step_metrics import Slice
from pipeline.training.trainer import StepObserver, Trainer

CHECKPOINT_SECONDS = 30.0
"""A run that is killed loses at most so much training."""


class ActiveRun:
    """A run that this process owns (it holds the run's lock) until `close`. `pipeline/engine/launching.py` makes one.

    saved: step of the last checkpoint. metrics: of the last step.
    """

    def __init__(self, store: Store, record: RunRecord, checked: CheckedWorkflow) -> None:
        """Takes the run's lock. Raises RunLocked. It cannot train before `take`. checked: the run's workflow."""
        self.store = store
        self.record = record
        self.files = store.files(record.id)
        self.checked = checked
        self.trainer: Trainer
        self.looks: RunPictures
        self.rewind: Rewind
        self._begun = False
        self.metrics: dict[str, float] = {}
        self.saved: int | None = None
        self._saved_at = time.monotonic()
        self._lock = RunLock(self.files)
        self._lock.acquire()
        # Whoever it was meant for has gone without answering it.
        pause_requests.withdraw(self.files)

    def take(self, trainer: Trainer, budget: int = DEFAULT_BUDGET) -> None:
        """The trainer, at the step from which the run goes on, and the bytes that its snapshots may take."""
        self.trainer = trainer
        self.looks = RunPictures(trainer, self.workflow, self.files)
        self.rewind = Rewind(trainer, self.record.parent_step or 0, budget)
        self._begun = True

    @property
    def id(self) -> str:
        return self.record.id

    @property
    def workflow(self) -> Workflow:
        return self.checked.workflow

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
    def streaming(self) -> str:
        """Why its images are not on the device; "" where they are."""
        return why_streamed(self.trainer.experiment.images.train)

    @property
    def total_steps(self) -> int:
        return self.record.total_steps

    def extend(self, steps: int) -> None:
        """Moves the planned end to `steps` steps from here."""
        self.record = replace(self.record, total_steps=self.step + steps)
        self.store.update(self.id, total_steps=self.record.total_steps)

    def advance(self, until: int, interrupted: Callable[[], bool], watch: StepObserver | None = None) -> Slice:
        """Trains about half a second towards step `until` and records it. Raises NodeFailure, CannotWrite.

        watch: told of each step, its checkup's metrics among the others, before the next one; True ends the slice.
        """
        with self.trainer.blamed(self.trainer.experiment.node, "train"):
            return self._advance(until, interrupted, watch)

    def _advance(self, until: int, interrupted: Callable[[], bool], watch: StepObserver | None) -> Slice:
        self.rewind.remember()
        due = self.looks.steps_until_due()
        try:
            if due == 0:
                done = self.looks.probed_step()
            else:
                steps = until - self.step if due is None else min(until - self.step, due)
                done = self.trainer.slice(steps, interrupted=interrupted, watch=self._with_measures(watch))
        except GenscopeError:
            self._record_sound_steps()
            raise
        self.record_steps(done)
        if due == 0 and watch is not None:
            watch(self.step, self.metrics)
        if self.looks.grid_due():
            self.looks.draw(keep=self.step >= self.rewind.head)
        if time.monotonic() - self._saved_at > CHECKPOINT_SECONDS:
            self.save_newest()
        return done

    def record_steps(self, done: Slice) -> None:
        """Takes in what was trained; of it only what is new goes into the store."""
        if not done.steps:
            return
        measures = self.looks.measures
        new = done.after(self.rewind.head)
        if new.steps:
            values = np.hstack([new.values, np.tile(np.array(list(measures.values()), np.float32), (new.steps, 1))])
            metrics.append(self.store, self.id, new.first_step, (*new.names, *measures), values)
        self.metrics = dict(zip(done.names, map(float, done.values[-1]), strict=True)) | dict(measures)
        self.rewind.note(done.first_step + done.steps - 1)
        self.store.update(
            self.id,
            state="running",
            step=self.rewind.head,
            seconds=self.trainer.state.seconds,
            images_per_second=self.images_per_second,
        )

    def save(self) -> Path:
        """A checkpoint of this step, thinning out older ones. Raises CannotWrite."""
        folder = self.files.checkpoint_folder(self.step)
        if self.saved != self.step:
            checkpoint.save(folder, self.trainer.state, {"run": self.id, "step": self.step})
            self.files.thin()
            self.saved = self.step
        self._saved_at = time.monotonic()
        return folder

    def save_newest(self) -> None:
        """A checkpoint of the furthest step, where there is none; one who has gone back has left it already."""
        if not self.rewind.in_past:
            self.save()

    def save_on_request(self, who: str) -> Path:
        folder = self.save()
        self.event("saved", f"Checkpoint saved at step {self.step:,}", who)
        return folder

    def asked_to_pause(self) -> PauseRequest | None:
        """The request to pause that somebody has left, who does not reach this process otherwise; looks at the disk."""
        return pause_requests.asked(self.files)

    def pause(self, who: str) -> None:
        self.store.update(self.id, state="paused")
        self.event("paused", f"Paused at step {self.step:,}", who)
        self.save_newest()
        pause_requests.withdraw(self.files)

    def rest(self) -> None:
        """The end of a chunk: paused, without an event, so that walking step by step does not fill the list."""
        self.store.update(self.id, state="paused")

    def finish(self) -> None:
        self.store.update(self.id, state="finished")
        self.event("finished", f"Finished after {self.step:,} steps", "")
        self.save()

    def fail(self, error: GenscopeError) -> None:
        """Records the failure; the last checkpoint stands. Raises CannotWrite."""
        node = error.node_id if isinstance(error, NodeFailure) else ""
        self.store.update(self.id, state="failed", error=str(error), error_node=node)
        # Before it has a trainer, it stands where its record says.
        step = self.step if self._begun else self.record.step
        self.store.add_event(self.id, step, "failed", str(error), "")

    def check_live(self, node: str, parameter: str, value: float) -> None:
        """Raises NotLive where there is no such live parameter, UnfitValue for a value that it cannot have."""
        if f"{node}.{parameter}" not in self.trainer.state.live:
            raise NotLive(node, parameter)
        kinds = {each.name: each.kind for each in parameters(NODES[self.workflow.nodes[node].class_type])}
        whole = kinds[parameter] == "int" and value.is_integer()
        edit.set_fitting_parameter(self.workflow, node, parameter, int(value) if whole else value, NODES)

    def set_live(self, node: str, parameter: str, value: float, who: str) -> None:
        """Changes a live parameter from the next step on. Raises as `check_live` does."""
        self.check_live(node, parameter, value)
        key = f"{node}.{parameter}"
        before = self.trainer.state.live[key]
        self.trainer.set_live(key, value)
        self.rewind.note(self.step)
        data = {"parameter": key, "from": before, "to": value}
        self.event("parameter changed", f"{key} changed from {before:g} to {value:g}", who, data)

    def update_only(self, role: str, who: str) -> Mapping[str, float]:
        """One update of one network, and no step. Raises UnknownUpdate; NodeFailure and NotFinite with the run where
        it was before."""
        self.rewind.remember()
        before = self.trainer.capture()
        try:
            made = self.trainer.update_only(role)
        except NodeFailure:
            self.trainer.restore(before)
            raise
        self.rewind.note(self.step)
        self.metrics |= made
        self.event("updated", f"One update of the {role} only", who, dict(made))
        return made

    def event(self, kind: EventKind, text: str, who: str, data: dict[str, object] | None = None) -> None:
        self.store.add_event(self.id, self.step, kind, text, who, data)

    def close(self) -> None:
        try:
            pause_requests.withdraw(self.files)
        finally:
            self._lock.release()

    def _with_measures(self, watch: StepObserver | None) -> StepObserver | None:
        if watch is None:
            return None
        return lambda step, values: watch(step, {**values, **self.looks.measures})

    def _record_sound_steps(self) -> None:
        """The steps before one that failed: what led up to it is what one wants to see."""
        try:
            self.record_steps(self.trainer.read())
        except NotFinite:
            self.record_steps(self.trainer.read())
