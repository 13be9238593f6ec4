"""The debugger of one run: it stops when a condition is met, walks through a step, goes back.

It controls an ActiveRun and is independent of commands and snapshots. `stop_kind` and `stopped` tell why the run
stopped last; `stop_images` is a PNG of the training images that it stopped at, b"" for none.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial

from pipeline.engine.active_run import ActiveRun
from pipeline.engine.batch_images import BatchImages
from pipeline.engine.run_conditions import RunConditions
from pipeline.engine.run_profile import RunProfile
from pipeline.engine.walked_stages import WalkedStages
from pipeline.errors.base import GenscopeError
from pipeline.errors.data import ReadingStopped
from pipeline.errors.training import NodeFailure, NotFinite
from pipeline.inspection.nonfinite import first_bad_tensor
from pipeline.inspection.rewind import Stored
from pipeline.inspection.walk import StageReport, Walk
from pipeline.runtime.messages.snapshot import StopKind
from pipeline.training import checkpoint
from pipeline.training.state import Captured


class Debugger:
    """Stops, walks and rewinds a run. walked: what the stages of the current step made, until the next one begins.
    conditions: what stops it. profile: one that is being taken."""

    def __init__(self, run: ActiveRun) -> None:
        self.run = run
        self.conditions = RunConditions(run)
        self.walked = WalkedStages()
        self.stopped = ""
        self.stop_kind: StopKind = ""
        self.stop_images = b""
        self.profile: RunProfile | None = None
        self._walk = Walk(run.trainer)
        self._before: Captured | None = None

    @property
    def stage(self) -> StageReport | None:
        """The report of the walk's last stage; None outside a walk."""
        return self.walked.last

    def begin(self) -> None:
        """Prepare to continue training: record what could not be written, clear the last stop, finish a half-done step.
        Raises HomeTrouble, with the last stop as it was."""
        self.run.measurements.settle()
        self._forget_stop()
        self.finish_half_step()
        self.walked.clear()

    def advance(self, until: int, interrupted: Callable[[], bool], *, stop_on_conditions: bool = True) -> bool:
        """Train a slice towards `until` and return whether something stopped the run.

        stop_on_conditions: whether to check conditions; False in the replay of a rewind. Raises NodeFailure.
        """
        armed = stop_on_conditions and self.conditions.armed
        try:
            self.run.advance(until, interrupted, self._stops if armed else None)
        except NotFinite as error:
            self._step_back_from(error)
        return self.stop_kind != ""

    def finish_half_step(self) -> None:
        """Finish a half-done step, and forget its stages, so that none of them looks like one of the next step."""
        if not self.run.trainer.between_steps:
            self.walked.clear()
            with self._whole():
                self.run.trainer.finish_step()
            self._take_in()

    def next_stage(self) -> None:
        """Run one stage. Raises NodeFailure."""
        if self.run.trainer.between_steps:
            self.begin()
            self.run.rewind.remember()
            self._before = self.run.trainer.capture()
        with self._whole():
            self.walked.add(self._walk.next())
        if self.run.trainer.between_steps:
            self._take_in()

    def walk_to(self, step: int, number: int, interrupted: Callable[[], bool]) -> bool:
        """Run stages until stage `number` of the step after `step` is done, and return whether it is, or something
        stopped the run. interrupted: asked after each stage; if true, return early.

        If a stage fails, the run is at the beginning of its step, and has stopped with the reason. Also returns early
        if preparing the step was stopped.
        """
        while not self._has_walked(step, number):
            try:
                self.next_stage()
            except ReadingStopped:
                break
            except NodeFailure as error:
                self._stop("mistake", str(error))
            if interrupted():
                break
        return self._has_walked(step, number)

    def _has_walked(self, step: int, number: int) -> bool:
        if self.stop_kind or self.run.step != step:
            return True
        stage = self.stage
        return not self.run.trainer.between_steps and stage is not None and stage.number >= number

    def finish_step(self) -> None:
        """Run the remaining stages of this step; `stage` is then the report of the last. Raises NodeFailure."""
        while not self.run.trainer.between_steps:
            self.next_stage()

    def update_only(self, role: str, who: str) -> Mapping[str, float]:
        """Run a single update and return its metrics. Raises UnknownUpdate, NodeFailure, NotFinite."""
        self.begin()
        return self.run.update_only(role, who)

    def back(self, step: int, who: str) -> int:
        """Restore and return the latest kept step at or before `step`, from which a replay leads to `step`.

        Raises CannotRewind, BrokenCheckpoint; nothing is changed then.
        """
        before = self.run.step
        self.run.measurements.settle()
        self.run.rewind.nearest(step, self._stored())
        self._throw_half_step_away()
        # Keep the head, since the run may branch from here.
        self.run.save_newest()
        found = self.run.rewind.restore_nearest(step, self._stored())
        self._forget_stop()
        self.walked.clear()
        self.conditions.forget()
        self.run.event("went back", f"Went back from step {before:,} to {step:,}", who)
        return found

    def end_profile(self, *, keep: bool = True) -> None:
        """End a profile that is being taken. keep: save what it has measured; if that fails, the run has stopped."""
        profile, self.profile = self.profile, None
        if profile is not None and not keep:
            profile.abandon()
        elif profile is not None:
            try:
                profile.finish()
            except GenscopeError as error:
                self._stop("mistake", str(error))

    def arrive(self) -> None:
        """Finish a rewind: draw the sample grid of this step and arm the conditions from this step on."""
        self.run.rewind.remember()
        self.run.measurements.show()
        self.conditions.arm()

    def _throw_half_step_away(self) -> None:
        if not self.run.trainer.between_steps and self._before is not None:
            self.run.trainer.restore(self._before, self.run.rewind.journal)

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """If a stage or its report fails, restore the run to the beginning of its step."""
        trainer = self.run.trainer
        try:
            with trainer.blamed(trainer.experiment.node, "train a step"):
                yield
        except NodeFailure:
            if self._before is not None:
                self.run.trainer.restore(self._before, self.run.rewind.journal)
            self.walked.clear()
            raise

    def _stored(self) -> Stored:
        state = self.run.trainer.state
        return {
            step: partial(checkpoint.fitting, folder, state)
            for step, folder in self.run.files.checkpoints()
            if step >= self.run.rewind.first
        }

    def _stops(self, step: int, values: Mapping[str, float]) -> bool:
        """The Watch of a slice: check the armed conditions and return whether to stop training."""
        for kind, sentence in self.conditions.met(step, values):
            self._stop(kind, sentence)
        return self.stop_kind != ""

    def stop_for(self, trouble: GenscopeError) -> None:
        """Stop because the home cannot be used now. Raises nothing."""
        # The event cannot be written either, if it is the database.
        with suppress(GenscopeError):
            self._stop("cannot write", f"Paused at step {self.run.step:,}. {trouble} Then press Run: nothing is lost.")
            self.run.rest()

    def _stop(self, kind: StopKind, sentence: str, data: dict[str, object] | None = None) -> None:
        if not self.stop_kind:
            self.stop_kind, self.stopped = kind, sentence
            self.run.event("stopped", sentence, "", data)

    def _forget_stop(self) -> None:
        self.stopped, self.stop_kind, self.stop_images = "", "", b""

    def _step_back_from(self, error: NotFinite) -> None:
        """Return to the last finite step, and find the first tensor of the next step that is not finite."""
        last_finite = error.step - 1
        trainer = self.run.trainer
        self.run.rewind.restore_nearest(last_finite, self._stored())
        while self.run.step < last_finite:
            self.run.advance(last_finite, lambda: False)
        here = trainer.capture()
        bad = first_bad_tensor(trainer)
        trainer.restore(here, self.run.rewind.journal)
        tensor = f"{bad.name}, in the stage {bad.stage!r} of the {bad.update}'s update" if bad else ""
        found = (bad.batch, bad.images, bad.facts) if bad else ((), ())
        batch = BatchImages(trainer.experiment.images.train, *found)
        sentence = str(NotFinite(error.node_id, error.metric, error.step, tensor, error.title, batch.sentence()))
        self._stop("not finite", sentence, batch.facts())
        self.stop_images = batch.png()

    def _take_in(self) -> None:
        """Record the metrics of a step finished by a walk, and check the conditions."""
        try:
            done = self.run.trainer.read()
            with self._whole():
                self.run.trainer.catch_up()
            self.run.take_in(done)
        except NotFinite as error:
            self.walked.clear()
            self._step_back_from(error)
        else:
            self._stops(self.run.step, self.run.values)
        # After a walked step the run is paused.
        self.run.rest()
