"""Numeric terms: constants, metrics, the step, arithmetic and functions."""

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from pipeline.conditions.rolling_mean import rolling_mean
from pipeline.conditions.term import NO_GAPS, Float64Array, NumericTerm, StepColumns, StepContext, Truths
from pipeline.errors.conditions import DividedByZero

ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}
"""Symbol -> operation on two floats or two arrays."""


@dataclass(frozen=True, eq=False)
class Constant(NumericTerm):
    """A number as written."""

    value: float

    def at(self, now: StepContext) -> float:
        return self.value

    def over(self, series: StepColumns) -> tuple[Float64Array, Truths]:
        return np.asarray(self.value, np.float64), NO_GAPS


@dataclass(frozen=True, eq=False)
class Step(NumericTerm):
    """The number of the step."""

    def at(self, now: StepContext) -> float:
        value = float(now.step)
        now.evidence.append(("step", value))
        return value

    def over(self, series: StepColumns) -> tuple[Float64Array, Truths]:
        return series.steps.astype(np.float64), NO_GAPS


@dataclass(frozen=True, eq=False)
class Metric(NumericTerm):
    """A metric of the run."""

    name: str

    def at(self, now: StepContext) -> float:
        # A float32 value would make the arithmetic float32.
        value = float(now.values.get(self.name, math.nan))
        now.evidence.append((self.name, value))
        return value

    def over(self, series: StepColumns) -> tuple[Float64Array, Truths]:
        return np.asarray(series.columns[self.name], np.float64), NO_GAPS


@dataclass(frozen=True, eq=False)
class Negative(NumericTerm):
    """-x"""

    x: NumericTerm

    @property
    def parts(self) -> tuple[NumericTerm, ...]:
        return (self.x,)

    def at(self, now: StepContext) -> float:
        return -self.x.at(now)

    def over(self, series: StepColumns) -> tuple[Float64Array, Truths]:
        x, gaps = self.x.over(series)
        return -x, gaps


@dataclass(frozen=True, eq=False)
class Arithmetic(NumericTerm):
    """x + y, x - y or x * y"""

    x: NumericTerm
    y: NumericTerm
    operation: Callable[[Any, Any], Any]

    @property
    def parts(self) -> tuple[NumericTerm, ...]:
        return (self.x, self.y)

    def at(self, now: StepContext) -> float:
        value: float = self.operation(self.x.at(now), self.y.at(now))
        return value

    def over(self, series: StepColumns) -> tuple[Float64Array, Truths]:
        (x, x_gaps), (y, y_gaps) = self.x.over(series), self.y.over(series)
        return self.operation(x, y), x_gaps | y_gaps


@dataclass(frozen=True, eq=False)
class Quotient(NumericTerm):
    """x / y; `divisor` is y as written."""

    x: NumericTerm
    y: NumericTerm
    divisor: str

    @property
    def parts(self) -> tuple[NumericTerm, ...]:
        return (self.x, self.y)

    def at(self, now: StepContext) -> float:
        x, y = self.x.at(now), self.y.at(now)
        if y == 0:
            raise DividedByZero(now.text, now.step, self.divisor)
        return x / y

    def over(self, series: StepColumns) -> tuple[Float64Array, Truths]:
        (x, x_gaps), (y, y_gaps) = self.x.over(series), self.y.over(series)
        return np.divide(x, y), x_gaps | y_gaps | (y == 0)


@dataclass(frozen=True, eq=False)
class Absolute(NumericTerm):
    """abs(x)"""

    x: NumericTerm
    text: str

    @property
    def parts(self) -> tuple[NumericTerm, ...]:
        return (self.x,)

    def at(self, now: StepContext) -> float:
        value = abs(self.x.at(now))
        now.evidence.append((self.text, value))
        return value

    def over(self, series: StepColumns) -> tuple[Float64Array, Truths]:
        x, gaps = self.x.over(series)
        return np.abs(x), gaps


@dataclass(frozen=True, eq=False)
class MinMax(NumericTerm):
    """min(x, y, …) or max(x, y, …); NaN if any of them is."""

    each: tuple[NumericTerm, ...]
    largest: bool
    text: str

    @property
    def parts(self) -> tuple[NumericTerm, ...]:
        return self.each

    def at(self, now: StepContext) -> float:
        values = [x.at(now) for x in self.each]
        value = max(values) if self.largest else min(values)
        # With NaN, the result of Python's min and max depends on the order.
        if any(map(math.isnan, values)):
            value = math.nan
        now.evidence.append((self.text, value))
        return value

    def over(self, series: StepColumns) -> tuple[Float64Array, Truths]:
        values, gaps = zip(*(x.over(series) for x in self.each), strict=True)
        return reduce(np.maximum if self.largest else np.minimum, values), reduce(operator.or_, gaps)


@dataclass(frozen=True, eq=False)
class Mean(NumericTerm):
    """mean(x, n): the mean of x over the last n steps, without those where x is NaN or divides by zero."""

    x: NumericTerm
    n: int
    text: str

    @property
    def parts(self) -> tuple[NumericTerm, ...]:
        return (self.x,)

    @property
    def memory(self) -> int:
        return self.n - 1 + self.x.memory

    def take_in(self, now: StepContext) -> None:
        """Add this step's value. Call once per step before any `at`, even if the mean is not evaluated."""
        try:
            value = self.x.at(now)
        except DividedByZero as error:
            value = math.nan
            now.failed[self] = error
        now.means[self].push(now.step, value)

    def at(self, now: StepContext) -> float:
        if self in now.failed:
            raise now.failed[self]
        value = now.means[self].current
        now.evidence.append((self.text, value))
        return value

    def over(self, series: StepColumns) -> tuple[Float64Array, Truths]:
        x, gaps = self.x.over(series)
        x = np.broadcast_to(np.where(gaps, np.nan, x), series.steps.shape)
        return rolling_mean(x, series.steps, self.n), gaps
