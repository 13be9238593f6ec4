"""The interface of terms: the value at one step (`at`) and the values at all steps (`over`).

A term is a part of an expression, made of terms itself. `at` and `over` are next to each other in each class, so that
one can see that they agree: an armed condition calls `at` after each step, on plain floats and in microseconds; a chart
calls `over`, on arrays.

Where `at` raises DividedByZero, `over` has a gap, marked in the second array that it returns. There is no gap in a part
that is not evaluated, such as the right side of `and` when the left is false.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.conditions.rolling_mean import RunningMean
from pipeline.errors.conditions import DividedByZero

Float64Array = NDArray[np.float64]
Truths = NDArray[np.bool_]
Columns = Mapping[str, NDArray[np.floating[Any]]]

NO_GAPS: Truths = np.zeros((), np.bool_)


@dataclass(slots=True)
class StepContext:
    """One step, for `at`.

    values: the metrics. means: the running mean of every mean() in the expression, up to this step. failed: the means
    whose argument divides by zero at this step. evidence: (metric or call, value) of all that was evaluated, in order.
    """

    text: str
    step: int = 0
    values: Mapping[str, float] = field(default_factory=dict)
    means: Mapping["Term", RunningMean] = field(default_factory=dict)
    failed: dict["Term", DividedByZero] = field(default_factory=dict)
    evidence: list[tuple[str, float]] = field(default_factory=list)


@dataclass(frozen=True)
class StepColumns:
    """All steps, for `over`. steps: (n,), ascending; columns: metric -> (n,)."""

    steps: NDArray[np.int64]
    columns: Columns


@dataclass(frozen=True, eq=False)
class Term(ABC):
    """A part of an expression. The arrays that `over` returns are (n,), or () if the value is constant."""

    @property
    def parts(self) -> tuple["Term", ...]:
        """The terms that it consists of, in the order written; () for a leaf."""
        return ()

    @abstractmethod
    def over(self, series: StepColumns) -> tuple[NDArray[Any], Truths]:
        """The value at every step, and a mask of the steps without one because of a division by zero."""

    @property
    def memory(self) -> int:
        """How many steps before the current one it needs."""
        return max((part.memory for part in self.parts), default=0)

    @property
    def depth(self) -> int:
        """Depth of nesting, this term included."""
        return 1 + max((part.depth for part in self.parts), default=0)

    def walk(self) -> Iterator["Term"]:
        """All terms in it, innermost first, itself last."""
        for part in self.parts:
            yield from part.walk()
        yield self


class NumericTerm(Term):
    """A term whose value is a number, NaN and infinity included."""

    @abstractmethod
    def at(self, now: StepContext) -> float:
        """The value at this step. Raises DividedByZero."""

    @abstractmethod
    def over(self, series: StepColumns) -> tuple[Float64Array, Truths]: ...


class BooleanTerm(Term):
    """A term that is true or false; its evidence is the values that decided it."""

    @abstractmethod
    def at(self, now: StepContext) -> bool:
        """Whether it holds at this step. Raises DividedByZero."""

    @abstractmethod
    def over(self, series: StepColumns) -> tuple[Truths, Truths]: ...
