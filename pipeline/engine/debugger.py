"""The debugger of one run: conditions that stop it, the walk through a step, rewind.

It controls an ActiveRun and is independent of commands and snapshots. `stop_kind` and `stopped` tell why the run
stopped last; `stop_images` is a PNG of the training images that it stopped at, b"" for none.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial

from pipeline.conditions.armed import ArmedCondition, Verdict
from pipeline.conditions.expression import parse, require_condition
from pipeline.engine.active_run import ActiveRun
from pipeline.engine.batch_images import BatchImages
from pipeline.engine.walked_stages import WalkedStages
from pipeline.errors.base import GenscopeError
from pipeline.errors.conditions import DividedByZero
from pipeline.errors.data import ReadingStopped
from pipeline.errors.training import NodeFailure, NotFinite
from pipeline.formatting import number
from pipeline.inspection.nonfinite import first_bad_tensor
from pipeline.inspection.rewind import Stored
from pipeline.inspection.walk import StageReport, Walk
from pipeline.runs import metrics, watching
from pipeline.runs.metrics import CLOCK_SERIES
from pipeline.runs.watching import Watching
from pipeline.runtime.messages.snapshot import StopKind
from pipeline.training import checkpoint
from pipeline.training.state import Captured


class Debugger:
    """Stops, walks and rewinds a run. walked: what the stages of the current step made, until the next one begins."""

    def __init__(self, run: ActiveRun) -> None:
        self.run = run
        self.watching = watching.load(run.files)
        self.walked = WalkedStages()
        self.stopped = ""
        self.stop_kind: StopKind = ""
        self.stop_images = b""
        self._walk = Walk(run.trainer)
        self._before: Captured | None = None
        self._until: ArmedCondition | None = None
        self._breakpoints: dict[str, ArmedCondition] = {}
        self._held: set[str] = set()
        self.arm()

    @property
    def stage(self) -> StageReport | None:
        """The report of the walk's last stage; None outside a walk."""
        return self.walked.last

    @property
    def names(self) -> list[str]:
        """The metrics that expressions may use."""
        return [*self.run.trainer.experiment.series, *CLOCK_SERIES, *self.run.measurements.names]

    def set_watching(self, wanted: Watching) -> None:
        """Replace the breakpoints and watches. Raises MalformedExpression, UnknownMetric, NotACondition."""
        for each in wanted.breakpoints:
            require_condition(parse(each.expression, self.names))
        for text in wanted.watches:
            parse(text, self.names)
        watching.save(self.run.files, wanted)
        self.watching = wanted
        self.arm()

    def arm(self) -> None:
        """Arm the enabled breakpoints from the current step on, with the past metrics that they need."""
        enabled = [each.expression for each in self.watching.breakpoints if each.enabled]
        self._held &= set(enabled)
        self._breakpoints = {}
        for text in enabled:
            # A breakpoint on a metric that this run does not have, as after a fork, is skipped; pages say so.
            try:
                self._breakpoints[text] = self._armed(text)
            except GenscopeError:
                continue

    def run_until(self, text: str) -> None:
        """Stop the next time the condition is true. Raises MalformedExpression, UnknownMetric, NotACondition."""
        self._until = self._armed(text)

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
        armed = stop_on_conditions and (self._breakpoints or self._until)
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
        self._until = None
        self._held.clear()
        self.run.event("went back", f"Went back from step {before:,} to {step:,}", who)
        return found

    def arrive(self) -> None:
        """Finish a rewind: draw the sample grid of this step and arm the conditions from this step on."""
        self.run.rewind.remember()
        self.run.measurements.show()
        self.arm()

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

    def _armed(self, text: str) -> ArmedCondition:
        condition = parse(text, self.names)
        armed = ArmedCondition(condition)
        if condition.memory and self.run.step:
            first = max(1, self.run.step - condition.memory + 1)
            past = metrics.history(
                self.run.store, self.run.id, condition.metrics, condition.memory + 1, first, self.run.step
            )
            armed.seed({name: curve.last for name, curve in past.series.items()}, past.steps)
        return armed

    def _stops(self, step: int, values: Mapping[str, float]) -> bool:
        """The Watch of a slice: check the armed conditions and return whether to stop training."""
        if self._until is not None and (reached := self._asked(self._until, step, values)).holds:
            self._stop("until", f"Reached at step {step:,}: {self._until.text} ({_said(reached.evidence)})")
            self._until = None
        for text, armed in self._breakpoints.items():
            verdict = self._asked(armed, step, values)
            # Stop only when it becomes true, or a condition that stays true would stop at every step.
            if verdict.holds and text not in self._held:
                self._stop("breakpoint", f"Breakpoint at step {step:,}: {text} ({_said(verdict.evidence)})")
            (self._held.add if verdict.holds else self._held.discard)(text)
        return self.stop_kind != ""

    def _asked(self, armed: ArmedCondition, step: int, values: Mapping[str, float]) -> Verdict:
        """Check one condition; one that divides by zero stops training."""
        try:
            return armed.next(step, values)
        except DividedByZero as error:
            if armed is self._until:
                self._until = None
            self._stop("mistake", str(error))
            return Verdict(False, {})

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


def _said(evidence: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {number(value)}" for name, value in evidence.items())
