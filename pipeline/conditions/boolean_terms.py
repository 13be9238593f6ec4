"""Boolean terms: comparisons, isnan, not, and, or.

An infinity compares as a number; NaN compares as in IEEE 754: only != is true.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from pipeline.conditions.term import BooleanTerm, NumericTerm, StepColumns, StepContext, Term, Truths

COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
"""Symbol -> comparison of two floats or two arrays."""


@dataclass(frozen=True, eq=False)
class Comparison(BooleanTerm):
    """x < y, or a chain x < y < z, which is x < y and y < z; evaluation stops at the first false link."""

    x: NumericTerm
    links: tuple[tuple[Callable[[Any, Any], Any], NumericTerm], ...]

    @property
    def parts(self) -> tuple[Term, ...]:
        return (self.x, *(y for _, y in self.links))

    def at(self, now: StepContext) -> bool:
        x = self.x.at(now)
        for holds, link in self.links:
            y = link.at(now)
            if not holds(x, y):
                return False
            x = y
        return True

    def over(self, series: StepColumns) -> tuple[Truths, Truths]:
        (holds, first), *others = self.links
        x, gaps = self.x.over(series)
        y, y_gaps = first.over(series)
        truth, gaps = holds(x, y), gaps | y_gaps
        for holds, link in others:
            x, (y, y_gaps) = y, link.over(series)
            gaps = gaps | (truth & y_gaps)
            truth = truth & holds(x, y)
        return truth, gaps


@dataclass(frozen=True, eq=False)
class IsNaN(BooleanTerm):
    """isnan(x)"""

    x: NumericTerm

    @property
    def parts(self) -> tuple[Term, ...]:
        return (self.x,)

    def at(self, now: StepContext) -> bool:
        x = self.x.at(now)
        return x != x

    def over(self, series: StepColumns) -> tuple[Truths, Truths]:
        x, gaps = self.x.over(series)
        return x != x, gaps


@dataclass(frozen=True, eq=False)
class Not(BooleanTerm):
    """not p"""

    p: BooleanTerm

    @property
    def parts(self) -> tuple[Term, ...]:
        return (self.p,)

    def at(self, now: StepContext) -> bool:
        return not self.p.at(now)

    def over(self, series: StepColumns) -> tuple[Truths, Truths]:
        p, gaps = self.p.over(series)
        return ~p, gaps


@dataclass(frozen=True, eq=False)
class _Chain(BooleanTerm):
    """Short-circuit and / or. decider: the value of a part that decides the result; later parts are not evaluated."""

    each: tuple[BooleanTerm, ...]
    decider: ClassVar[bool]

    @property
    def parts(self) -> tuple[Term, ...]:
        return self.each

    def at(self, now: StepContext) -> bool:
        evidence, first = now.evidence, len(now.evidence)
        for p in self.each:
            here = len(evidence)
            if p.at(now) == self.decider:
                # This one decided; those before did not.
                del evidence[first:here]
                return self.decider
        return not self.decider

    def over(self, series: StepColumns) -> tuple[Truths, Truths]:
        truth, gaps = self.each[0].over(series)
        for p in self.each[1:]:
            p_truth, p_gaps = p.over(series)
            gaps = gaps | ((truth != self.decider) & p_gaps)
            truth = truth | p_truth if self.decider else truth & p_truth
        return truth, gaps


class And(_Chain):
    """p and q and …"""

    decider: ClassVar[bool] = False


class Or(_Chain):
    """p or q or …"""

    decider: ClassVar[bool] = True
