"""The conditions that stop one run: its breakpoints, and the one of "run until"."""

from collections.abc import Iterator, Mapping

from pipeline.conditions.armed import ArmedCondition, Verdict
from pipeline.conditions.expression import parse, require_condition
from pipeline.engine.active_run import ActiveRun
from pipeline.errors.base import GenscopeError
from pipeline.errors.conditions import DividedByZero
from pipeline.formatting import number
from pipeline.runs import metrics, watching
from pipeline.runs.metrics import CLOCK_SERIES
from pipeline.runs.system_series import SYSTEM_NAMES
from pipeline.runs.watching import Watching
from pipeline.runtime.messages.snapshot import StopKind


class RunConditions:
    """watching: the run's breakpoints and watches, of which the enabled breakpoints are armed."""

    def __init__(self, run: ActiveRun) -> None:
        self._run = run
        self.watching = watching.load(run.files)
        self._until: ArmedCondition | None = None
        self._breakpoints: dict[str, ArmedCondition] = {}
        self._held: set[str] = set()
        self.arm()

    @property
    def armed(self) -> bool:
        """Whether any has to be checked after each step."""
        return bool(self._breakpoints or self._until)

    @property
    def names(self) -> list[str]:
        """The metrics that expressions may use."""
        return [*self._run.trainer.experiment.series, *CLOCK_SERIES, *SYSTEM_NAMES, *self._run.measurements.names]

    def set_watching(self, wanted: Watching) -> None:
        """Replace the breakpoints and watches. Raises MalformedExpression, UnknownMetric, NotACondition and
        CannotWrite."""
        for each in wanted.breakpoints:
            require_condition(parse(each.expression, self.names))
        for text in wanted.watches:
            parse(text, self.names)
        watching.save(self._run.files, wanted)
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

    def forget(self) -> None:
        """Forget "run until", and which breakpoints were true: the run goes back."""
        self._until = None
        self._held.clear()

    def met(self, step: int, values: Mapping[str, float]) -> Iterator[tuple[StopKind, str]]:
        """Why training stops after this step: the kind, and a sentence. values: metrics of the step by name."""
        if self._until is not None:
            until = self._until
            reached, mistake = self._checked(until, step, values)
            if mistake or reached.holds:
                self._until = None
                said = mistake or f"Reached at step {step:,}: {until.text} ({_said(reached.evidence)})"
                yield "mistake" if mistake else "until", said
        for text, armed in self._breakpoints.items():
            verdict, mistake = self._checked(armed, step, values)
            if mistake:
                yield "mistake", mistake
            # Stop only when it becomes true, or a condition that stays true would stop at every step.
            if verdict.holds and text not in self._held:
                yield "breakpoint", f"Breakpoint at step {step:,}: {text} ({_said(verdict.evidence)})"
            (self._held.add if verdict.holds else self._held.discard)(text)

    def _checked(self, armed: ArmedCondition, step: int, values: Mapping[str, float]) -> tuple[Verdict, str]:
        """The verdict of one condition, and the mistake in it, if it divides by zero; "" if not."""
        try:
            return armed.next(step, values), ""
        except DividedByZero as error:
            return Verdict(False, {}), str(error)

    def _armed(self, text: str) -> ArmedCondition:
        condition, run = parse(text, self.names), self._run
        armed = ArmedCondition(condition)
        if condition.memory and run.step:
            first = max(1, run.step - condition.memory + 1)
            past = metrics.history(run.store, run.id, condition.metrics, condition.memory + 1, first, run.step)
            armed.seed({name: curve.last for name, curve in past.series.items()}, past.steps)
        return armed


def _said(evidence: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {number(value)}" for name, value in evidence.items())
