"""One loaded run: its trainer, its record in the store and its files. Used by the engine and the command line.

The caller decides when to train; `advance` trains one slice and records it, and raises if a node fails. After a rewind
nothing is recorded until the run is back at its head, because the replayed steps have been recorded already.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from pipeline.data.device_placement import streaming_reason
from pipeline.data.progress import ReadProgress, no_progress
from pipeline.engine.periodic_evaluation import PeriodicEvaluation
from pipeline.engine.run_checkpoints import RunCheckpoints
from pipeline.engine.run_measurements import RunMeasurements
from pipeline.engine.run_pictures import RunPictures
from pipeline.engine.tensorboard_log import RunLog
from pipeline.errors.base import GenscopeError
from pipeline.errors.machine import HomeTrouble
from pipeline.errors.training import NodeFailure, NotFinite
from pipeline.formatting import plain
from pipeline.graph.workflow import Workflow
from pipeline.inspection.rewind import DEFAULT_BUDGET, Rewind
from pipeline.nodes.checked_workflow import CheckedWorkflow
from pipeline.processes.leading import compare
from pipeline.runs import pause_requests
from pipeline.runs.lock import RunLock
from pipeline.runs.pause_requests import PauseRequest
from pipeline.runs.store import EventKind, RunRecord, Store
from pipeline.training.step_metrics import Slice, StepObserver
from pipeline.training.trainer import Trainer


class ActiveRun:
    """A run that this process owns (holds the lock of) until `close`. Made by `pipeline/engine/launching.py`.

    checkpoints: saves them. of_step: metrics of the last step, without those of sample grids. unfinished: whether its
    end, once it is there, has still to be saved and recorded, because that was interrupted.
    """

    def __init__(self, store: Store, record: RunRecord, checked: CheckedWorkflow) -> None:
        """Take the run's lock; call `take` before training. checked: the run's workflow. Raises RunLocked."""
        self.store = store
        self.record = record
        self.files = store.files(record.id)
        self.checked = checked
        self.checkpoints = RunCheckpoints(store, record.id, checked)
        self.trainer: Trainer
        self.pictures: RunPictures
        self.rewind: Rewind
        self.measurements: RunMeasurements
        self._begun = False
        self.unfinished = record.state in ("running", "interrupted")
        self.of_step: dict[str, float] = {}
        self._lock = RunLock(self.files)
        self._lock.acquire()
        try:
            # A leftover request to pause was meant for a process that has ended.
            pause_requests.withdraw(self.files)
        except BaseException:
            self._lock.release()
            raise

    def take(self, trainer: Trainer, budget: int = DEFAULT_BUDGET, progress: ReadProgress = no_progress) -> None:
        """Set the trainer, at the step from which the run continues. budget: bytes for in-memory snapshots. progress:
        of preparing its evaluation. Raises what `PeriodicEvaluation` raises."""
        first, part = self.record.parent_step or 0, trainer.experiment.evaluation
        self.trainer = trainer
        self.pictures = RunPictures(trainer, self.workflow, self.files)
        self.rewind = Rewind(trainer, first, budget)
        evaluation = PeriodicEvaluation(part, trainer, self.checked, self.files, first, progress) if part else None
        log = RunLog(trainer.experiment.log, self.record, self.files, trainer.state.step, self.event)
        self.measurements = RunMeasurements(
            self.store, self.id, trainer, self.pictures, self.rewind, evaluation, self.save, log
        )
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
    def saved(self) -> int | None:
        """The step of the last checkpoint; None if there is none."""
        return self.checkpoints.saved

    @property
    def metrics(self) -> dict[str, float]:
        """The metrics of the last step and the newest measurement at or before it; empty before the first step."""
        return self.of_step | dict(self.measurements.newest) if self.of_step else {}

    @property
    def values(self) -> dict[str, float]:
        """`metrics` for conditions: NaN for what was not measured yet."""
        return self.of_step | self.measurements.values

    @property
    def images_per_second(self) -> float:
        return self.of_step.get("images_per_second", 0.0)

    @property
    def device(self) -> str:
        return str(self.trainer.experiment.settings.device)

    @property
    def threads(self) -> int:
        """CPU threads that it is trained with."""
        return self.trainer.state.threads

    @property
    def streaming(self) -> str:
        """Why its images are streamed instead of kept on the device; "" if they are on the device."""
        return streaming_reason(self.trainer.experiment.images.train)

    @property
    def total_steps(self) -> int:
        return self.record.total_steps

    def extend(self, steps: int) -> None:
        """Move the planned end to `steps` steps after the current step."""
        self.record = replace(self.record, total_steps=self.step + steps)
        self.store.update(self.id, total_steps=self.record.total_steps)

    def advance(self, until: int, interrupted: Callable[[], bool], watch: StepObserver | None = None) -> Slice:
        """Train for about half a second towards step `until`, and record it. Raises NodeFailure, CannotWrite.

        watch: called with the metrics of each step, including the checkup's, before the next; True ends the slice.
        """
        with self.trainer.blamed(self.trainer.experiment.node, "train"):
            return self._advance(until, interrupted, watch)

    def _advance(self, until: int, interrupted: Callable[[], bool], watch: StepObserver | None) -> Slice:
        self.measurements.settle(interrupted)
        self.rewind.remember()
        if self.measurements.pending:
            made = self.measurements.go_on(interrupted)
            if not made or (watch is not None and watch(self.step, self.values)):
                return self.trainer.read()
        due, stored = self.measurements.steps_until_due(), self.measurements.steps_until_stored()
        ends = (due, stored, self.checkpoints.steps_until_due(self.trainer.state))
        steps = min([until - self.step, *(each for each in ends if each is not None)])
        measured = self.step + steps if steps == stored or self.measurements.due(self.step + steps) else None
        try:
            if due == 0:
                done = self.pictures.probed_step()
            else:
                watched = self.measurements.watched(watch, measured) if watch else None
                done = self.trainer.slice(steps, interrupted=interrupted, watch=watched)
        except GenscopeError:
            self._record_sound_steps()
            raise
        self.take_in(done, interrupted)
        seen = due == 0 or self.step == measured
        if watch is not None and done.steps and seen and not self.measurements.pending:
            watch(self.step, self.values)
        if self.checkpoints.due(self.trainer.state):
            self.save_newest()
        return done

    def take_in(self, done: Slice, interrupted: Callable[[], bool] = lambda: False) -> None:
        """Record these steps, and measure what is due after the last of them. interrupted: whether the evaluation has
        to wait. Raises NodeFailure, CannotWrite."""
        replayed = done.first_step <= self.rewind.head
        self.record_steps(done)
        self.pictures.save_probe()
        if replayed:
            self.measurements.recall()
        if done.steps:
            self.measurements.measure_if_due(interrupted)

    def record_steps(self, done: Slice) -> None:
        """Update the run's metrics, and store those of the steps beyond the head. Raises HomeTrouble; they are then
        stored later."""
        if not done.steps:
            return
        new = done.after(self.rewind.head)
        if new.steps:
            self.measurements.add_steps(new)
        self.of_step = done.newest
        self.rewind.note(done.first_step + done.steps - 1)
        self.measurements.write_steps()
        seconds, speed = self.trainer.state.seconds, self.images_per_second
        self.store.update(self.id, state="running", step=self.rewind.head, seconds=seconds, images_per_second=speed)

    def save(self) -> Path:
        """Save a checkpoint of this step, unless it is saved already, and thin out older ones. Raises HomeTrouble, and
        ProcessesDiffer if what would be saved is not the state of all processes."""
        if self.checkpoints.missing(self.trainer.state):
            compare(self.trainer)
        # A run that is resumed from it must have recorded all steps before it.
        self.measurements.write_steps()
        return self.checkpoints.save(self.trainer.state, self.measurements.kept)

    def save_newest(self) -> None:
        """Save a checkpoint if the run is at its head; after a rewind, the head has been saved already."""
        if not self.rewind.behind_head:
            self.save()

    def save_on_request(self, who: str) -> Path:
        folder = self.save()
        self.event("saved", f"Checkpoint saved at step {self.step:,}", who)
        return folder

    def asked_to_pause(self) -> PauseRequest | None:
        """The request to pause left on the disk by a page, which cannot reach this process otherwise; None if none."""
        return pause_requests.pending_request(self.files)

    def pause(self, who: str) -> None:
        self.store.update(self.id, state="paused")
        self.event("paused", f"Paused at step {self.step:,}", who)
        self.save_newest()
        pause_requests.withdraw(self.files)

    def rest(self) -> None:
        """Mark the run as paused without an event, so that single steps and chunks do not fill the event list."""
        self.store.update(self.id, state="paused")

    def finish(self) -> None:
        """Save and measure the last step, and mark the run as finished. Raises NodeFailure, HomeTrouble."""
        self.unfinished = True
        self.save()
        self.measurements.sample_at_end(finished=True)
        self.store.update(self.id, state="finished")
        self.event("finished", f"Finished after {self.step:,} steps", "")
        self.unfinished = False

    def fail(self, error: GenscopeError) -> None:
        """Record the failure; the last checkpoint is kept. Raises CannotWrite."""
        node = error.node_id if isinstance(error, NodeFailure) else ""
        self.store.update(self.id, state="failed", error=str(error), error_node=node)
        # Without a trainer yet, the step is that of the record.
        step = self.step if self._begun else self.record.step
        self.store.add_event(self.id, step, "failed", str(error), "")

    def set_live(self, node: str, parameter: str, value: float, who: str) -> None:
        """Set a live parameter, which `live_changes.check_live` allows, from the next step on."""
        key = f"{node}.{parameter}"
        before = self.trainer.state.live[key]
        dropped = [entry.step for entry in self.trainer.journal if entry.action == key and entry.step > self.step]
        self.trainer.set_live(key, value)
        self._changed_by_user()
        data: dict[str, object] = {"parameter": key, "from": before, "to": value}
        if dropped:
            # Those that a resume would have made again.
            data["instead_of"] = dropped
        self.event("parameter changed", f"{key} changed from {plain(before)} to {plain(value)}", who, data)

    def update_only(self, role: str, who: str) -> Mapping[str, float]:
        """Run a single update outside a step, and return its metrics.

        Raises UnknownUpdate; NodeFailure and NotFinite with the run restored to its state before.
        """
        self.rewind.remember()
        before = self.trainer.capture()
        try:
            with self.trainer.blamed(self.trainer.experiment.node, "run a single update"):
                made = self.trainer.update_only(role)
        except NodeFailure:
            self.trainer.restore(before, self.rewind.journal)
            raise
        self._changed_by_user()
        self.of_step |= made
        self.event("updated", f"One update of the {role} only", who, {**made, "update": role})
        return made

    def _changed_by_user(self) -> None:
        self.rewind.note(self.step)
        self.checkpoints.outdated = True

    def event(self, kind: EventKind, text: str, who: str, data: dict[str, object] | None = None) -> None:
        self.store.add_event(self.id, self.step, kind, text, who, data)

    def close(self) -> None:
        try:
            pause_requests.withdraw(self.files)
        finally:
            self._lock.release()

    def _record_sound_steps(self) -> None:
        """Record the steps before the failed one, because they show what led to the failure."""
        # What cannot be stored now is stored later; the failure is what to report.
        with suppress(HomeTrouble):
            try:
                self.record_steps(self.trainer.read())
            except NotFinite:
                self.record_steps(self.trainer.read())
