"""The debugger of one run: conditions that stop it, the walk through a step, the way back.

It drives an ActiveRun and knows nothing of commands and snapshots. `stop_kind` and `stopped` say why it stopped last.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

from pipeline.conditions.armed import Armed, Verdict
from pipeline.conditions.expression import parse, require_condition
from pipeline.engine.active_run import ActiveRun
from pipeline.errors.base import GenscopeError
from pipeline.errors.conditions import DividedByZero
from pipeline.errors.training import NodeFailure, NotFinite
from pipeline.formatting import number
from pipeline.inspection.nonfinite import first_bad_tensor
from pipeline.inspection.rewind import Stored
from pipeline.inspection.walk import StageReport, Walk
from pipeline.runs import metrics, watching
from pipeline.runs.metrics import CLOCK_SERIES
from pipeline.runs.watching import Watching
from pipeline.runtime.messages import StopKind
from pipeline.training import checkpoint
from pipeline.training.state import Captured


class Debugger:
    """Stops a run, walks it and takes it back. stage: what the walk has done last, None between walks."""

    def __init__(self, run: ActiveRun) -> None:
        self.run = run
        self.watching = watching.load(run.files)
        self.stage: StageReport | None = None
        self.stopped = ""
        self.stop_kind: StopKind = ""
        self._walk = Walk(run.trainer)
        self._before: Captured | None = None
        self._until: Armed | None = None
        self._breakpoints: dict[str, Armed] = {}
        self._held: set[str] = set()
        self.arm()

    @property
    def names(self) -> list[str]:
        """What expressions may speak of."""
        return [*self.run.trainer.experiment.series, *CLOCK_SERIES, *self.run.looks.measures]

    def set_watching(self, wanted: Watching) -> None:
        """Keeps other breakpoints and watches. Raises MalformedExpression, UnknownMetric, NotACondition."""
        for each in wanted.breakpoints:
            require_condition(parse(each.expression, self.names))
        for text in wanted.watches:
            parse(text, self.names)
        watching.save(self.run.files, wanted)
        self.watching = wanted
        self.arm()

    def arm(self) -> None:
        """Watches for the breakpoints from here on, with what they need to know of the steps before."""
        enabled = [each.expression for each in self.watching.breakpoints if each.enabled]
        self._held &= set(enabled)
        self._breakpoints = {}
        for text in enabled:
            # One that speaks of a metric that this run has not, as after a fork, is left out; pages say so.
            try:
                self._breakpoints[text] = self._armed(text)
            except GenscopeError:
                continue

    def run_until(self, text: str) -> None:
        """Stops the next time that the condition holds. Raises MalformedExpression, UnknownMetric, NotACondition."""
        self._until = self._armed(text)

    def begin(self) -> None:
        """Before training goes on: what was said of the last stop is over."""
        self.stopped, self.stop_kind = "", ""
        self.settle()
        self.stage = None

    def advance(self, until: int, interrupted: Callable[[], bool], *, stop_on_conditions: bool = True) -> bool:
        """Trains a slice towards `until`; whether something has stopped it there.

        heeding: whether conditions count, which they do not on the way back. Raises NodeFailure.
        """
        armed = stop_on_conditions and (self._breakpoints or self._until)
        try:
            self.run.advance(until, interrupted, self._stops if armed else None)
        except NotFinite as error:
            self._step_back_from(error)
        return self.stop_kind != ""

    def settle(self) -> None:
        """Finishes a step that is half walked."""
        if not self.run.trainer.between_steps:
            with self._whole():
                self.run.trainer.finish_step()
            self._take_in()

    def next_stage(self) -> None:
        """Does one stage. Raises NodeFailure."""
        if self.run.trainer.between_steps:
            self.begin()
            self.run.rewind.remember()
            self._before = self.run.trainer.capture()
        with self._whole():
            self.stage = self._walk.next()
        if self.run.trainer.between_steps:
            self._take_in()

    def finish_step(self) -> None:
        """Does the stages that are left of this step; `stage` is then the last of them. Raises NodeFailure."""
        while not self.run.trainer.between_steps:
            self.next_stage()

    def update_only(self, role: str, who: str) -> Mapping[str, float]:
        """One update of one network. Raises UnknownUpdate, NodeFailure, NotFinite."""
        self.begin()
        return self.run.update_only(role, who)

    def back(self, step: int, who: str) -> int:
        """Goes to the nearest step, at or before `step`, that is kept, and returns it; training leads on to `step`.

        Raises NothingBefore, BrokenCheckpoint; nothing is changed then.
        """
        before = self.run.step
        self.run.rewind.nearest(step, self._stored())
        self._throw_half_step_away()
        # What the run has come to stays, whatever becomes of it from here.
        self.run.save_newest()
        found = self.run.rewind.restore_nearest(step, self._stored())
        self.stopped, self.stop_kind, self.stage = "", "", None
        self._until = None
        self._held.clear()
        self.run.event("went back", f"Went back from step {before:,} to {step:,}", who)
        return found

    def arrive(self) -> None:
        """After a way back: the picture of this step, and conditions that look on from here."""
        self.run.rewind.remember()
        self.run.looks.draw(keep=False)
        self.arm()

    def _throw_half_step_away(self) -> None:
        if not self.run.trainer.between_steps and self._before is not None:
            self.run.trainer.restore(self._before, self.run.rewind.journal)

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """A stage of a walk that fails leaves the run where its step began."""
        try:
            yield
        except NodeFailure:
            if self._before is not None:
                self.run.trainer.restore(self._before, self.run.rewind.journal)
            self.stage = None
            raise

    def _stored(self) -> Stored:
        state = self.run.trainer.state
        return {
            step: partial(checkpoint.fitting, folder, state)
            for step, folder in self.run.files.checkpoints()
            if step >= self.run.rewind.first
        }

    def _armed(self, text: str) -> Armed:
        condition = parse(text, self.names)
        armed = Armed(condition)
        if condition.memory and self.run.step:
            first = max(1, self.run.step - condition.memory + 1)
            past = metrics.history(
                self.run.store, self.run.id, condition.metrics, condition.memory + 1, first, self.run.step
            )
            armed.seed({name: curve.last for name, curve in past.series.items()}, past.steps)
        return armed

    def _stops(self, step: int, values: Mapping[str, float]) -> bool:
        """Told of every step while something is armed: whether training stops after it."""
        if self._until is not None and (reached := self._asked(self._until, step, values)).holds:
            self._stop("until", f"Reached at step {step:,}: {self._until.text} ({_said(reached.evidence)})")
            self._until = None
        for text, armed in self._breakpoints.items():
            verdict = self._asked(armed, step, values)
            # It stops where it comes to hold: one that goes on to hold would stop at every step.
            if verdict.holds and text not in self._held:
                self._stop("breakpoint", f"Breakpoint at step {step:,}: {text} ({_said(verdict.evidence)})")
            (self._held.add if verdict.holds else self._held.discard)(text)
        return self.stop_kind != ""

    def _asked(self, armed: Armed, step: int, values: Mapping[str, float]) -> Verdict:
        """Every condition is told of every step; one that cannot be judged, by a division by zero, stops training."""
        try:
            return armed.next(step, values)
        except DividedByZero as error:
            if armed is self._until:
                self._until = None
            self._stop("mistake", str(error))
            return Verdict(False, {})

    def _stop(self, kind: StopKind, sentence: str) -> None:
        if not self.stop_kind:
            self.stop_kind, self.stopped = kind, sentence
            self.run.event("stopped", sentence, "")

    def _step_back_from(self, error: NotFinite) -> None:
        """Returns to the last sound step, and finds out which tensor of the next one is the first to go bad."""
        sound = error.step - 1
        trainer = self.run.trainer
        self.run.rewind.restore_nearest(sound, self._stored())
        while self.run.step < sound:
            self.run.advance(sound, lambda: False)
        here = trainer.capture()
        bad = first_bad_tensor(trainer)
        trainer.restore(here, self.run.rewind.journal)
        tensor = f"{bad.name}, in the stage {bad.stage!r} of the {bad.update}'s update" if bad else ""
        self._stop("not finite", str(NotFinite(error.node_id, error.metric, error.step, tensor, error.title)))

    def _take_in(self) -> None:
        """The metrics of a step that was walked through; conditions are told of it as of any other."""
        try:
            self.run.record_steps(self.run.trainer.read())
        except NotFinite as error:
            self.stage = None
            self._step_back_from(error)
        else:
            self._stops(self.run.step, self.run.metrics)
        # A step that was walked ends with the run standing still.
        self.run.rest()


def _said(evidence: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {number(value)}" for name, value in evidence.items())
