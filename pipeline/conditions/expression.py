"""Parse a text into an Expression, which lists its metrics and can be evaluated over a whole run."""

from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pipeline.conditions.grammar import Grammar
from pipeline.conditions.number_terms import Metric
from pipeline.conditions.term import BooleanTerm, Columns, StepColumns, Term
from pipeline.errors.conditions import MalformedExpression, NotACondition

MOST_CHARACTERS = 500

BLANKS = {ord(blank): " " for blank in "\t\r\n\u00a0"}
"""Blanks that are replaced by spaces, because they would look odd in a chart's title."""


@dataclass(frozen=True)
class Expression:
    """A numeric expression or a condition over the metrics of a run.

    text: as written, on one line, stripped. metrics: the metrics it uses, in order of first use, without `step`.
    memory: how many steps before the newest one it needs. is_condition: whether it is true or false, not a number.
    """

    text: str
    metrics: tuple[str, ...]
    memory: int
    is_condition: bool
    term: Term = field(compare=False, repr=False)

    def values(self, columns: Columns, steps: NDArray[np.int64]) -> NDArray[np.float64]:
        """The value at every step: (n,), 1 for true and 0 for false, NaN where it divides by zero.

        columns: every metric of `metrics` -> (n,), NaN where it was not measured. steps: (n,), ascending.
        """
        with np.errstate(all="ignore"):
            value, gaps = self.term.over(StepColumns(steps, columns))
            found = np.where(gaps, np.nan, value)
        return np.broadcast_to(found, steps.shape).astype(np.float64)


def parse(text: str, names: Collection[str]) -> Expression:
    """Parse an expression over the metrics `names`. Raises MalformedExpression, UnknownMetric."""
    text = text.strip()
    if len(text) > MOST_CHARACTERS:
        raise MalformedExpression(text, f"has {len(text):,} characters", f"Use {MOST_CHARACTERS} at most.")
    text = text.translate(BLANKS)
    if not text:
        raise MalformedExpression(text, "is empty", "Write something like x > 2.")
    term = Grammar(text, names).whole()
    metrics = dict.fromkeys(each.name for each in term.walk() if isinstance(each, Metric))
    return Expression(text, tuple(metrics), term.memory, isinstance(term, BooleanTerm), term)


def require_condition(expression: Expression) -> None:
    """Require a condition. Raises NotACondition if the expression is a number."""
    if not expression.is_condition:
        raise NotACondition(expression.text)
