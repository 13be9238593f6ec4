"""What every term answers: its value at one step (`at`), and its values at all steps (`over`).

A term is a piece of an expression and made of terms itself. Its two answers stand side by side, so that it can be seen
that they mean the same: `at` is what a watched condition asks after each step, in plain floats and in microseconds;
`over` is what a chart asks, in arrays.

Where `at` raises DividedByZero, `over` has a gap: the second of the arrays that it returns says where. A gap in what
nobody looks at, such as what stands after a false `and`, is none.
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

NOWHERE: Truths = np.zeros((), np.bool_)


@dataclass(slots=True)
class Moment:
    """One step, for `at`.

    values: the metrics. means: the running mean of every mean() in the expression, up to this step. failed: why some
    of them have no value to take in at it. evidence: (metric or call, its value) of what was looked at, in order.
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
    """A piece of an expression. Arrays that `over` returns are (n,), or () where all steps have the same."""

    @property
    def parts(self) -> tuple["Term", ...]:
        """The terms that it is made of, in the order they were written; none if it is made of nothing else."""
        return ()

    @abstractmethod
    def over(self, series: StepColumns) -> tuple[NDArray[Any], Truths]:
        """Its value at every step, and where there is none because it divides by zero."""

    @property
    def memory(self) -> int:
        """How many steps before the one it is asked about it looks at."""
        return max((part.memory for part in self.parts), default=0)

    @property
    def depth(self) -> int:
        """How many terms stand within each other here, this one included."""
        return 1 + max((part.depth for part in self.parts), default=0)

    def walk(self) -> Iterator["Term"]:
        """All terms in it, the innermost first, and itself last."""
        for part in self.parts:
            yield from part.walk()
        yield self


class Number(Term):
    """A term whose value is a number, NaN and infinity included."""

    @abstractmethod
    def at(self, now: Moment) -> float:
        """Its value at this step. Raises DividedByZero."""

    @abstractmethod
    def over(self, series: StepColumns) -> tuple[Float64Array, Truths]: ...


class Truth(Term):
    """A term that is true or false; its evidence is what made it so."""

    @abstractmethod
    def at(self, now: Moment) -> bool:
        """Whether it holds at this step. Raises DividedByZero."""

    @abstractmethod
    def over(self, series: StepColumns) -> tuple[Truths, Truths]: ...
