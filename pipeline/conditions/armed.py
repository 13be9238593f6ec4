"""Evaluate a condition step by step, at a cost of microseconds per step."""

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.conditions.expression import Expression, require_condition
from pipeline.conditions.number_terms import Mean
from pipeline.conditions.rolling_mean import RunningMean
from pipeline.conditions.term import BooleanTerm, Columns, StepColumns, StepContext


class Verdict(NamedTuple):
    """Whether a condition holds at a step, and the values that decided it: metrics, `step`, and calls as written.

    Values that were not evaluated or made no difference are left out: in `p or q`, those of p if only q is true.
    """

    holds: bool
    evidence: Mapping[str, float]


class ArmedCondition:
    """One condition, evaluated at one step after another. Raises NotACondition."""

    def __init__(self, expression: Expression) -> None:
        require_condition(expression)
        assert isinstance(expression.term, BooleanTerm)
        self.expression = expression
        self._condition = expression.term
        # Innermost first: an outer mean uses the inner mean's new value.
        self._means = [term for term in expression.term.walk() if isinstance(term, Mean)]
        self._now = StepContext(expression.text)
        self._metrics = frozenset(expression.metrics)
        self._forget()

    @property
    def text(self) -> str:
        """The condition as written."""
        return self.expression.text

    def seed(self, columns: Columns, steps: NDArray[np.int64]) -> None:
        """Set the history before the first `next`, replacing any earlier history.

        columns: every metric of the expression -> (n,). steps: (n,), ascending; only the last `memory` are used.
        """
        self._forget()
        past = slice(max(0, len(steps) - self.expression.memory), None)
        series = StepColumns(steps[past], {name: columns[name][past] for name in self.expression.metrics})
        with np.errstate(all="ignore"):
            for mean in self._means:
                x, gaps = mean.x.over(series)
                x = np.broadcast_to(np.where(gaps, np.nan, x), series.steps.shape)
                running = self._now.means[mean]
                for step, value in zip(series.steps.tolist(), x.tolist(), strict=True):
                    running.push(step, value)

    def next(self, step: int, values: Mapping[str, float]) -> Verdict:
        """Whether it holds at `step`, which is later than all earlier ones. values: the metrics of the expression.

        A metric that is missing has a gap at this step, because it belongs to another phase of training: a condition
        that only NaN of a gap made true, such as `not x < 5`, does not hold. Raises DividedByZero; the step is
        recorded all the same, and the next one may follow.
        """
        now = self._now
        now.step, now.values = step, values
        if self._means:
            now.failed.clear()
            for mean in self._means:
                mean.take_in(now)
        now.evidence = []
        holds = self._condition.at(now)
        evidence = dict(now.evidence)
        if holds and not self._metrics <= values.keys():
            holds = not any(map(math.isnan, evidence.values()))
        return Verdict(holds, evidence)

    def _forget(self) -> None:
        self._now.means = {mean: RunningMean(mean.n) for mean in self._means}
