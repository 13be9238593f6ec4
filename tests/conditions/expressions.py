"""Random expressions, in the expression language and in Python, and random metrics to evaluate them on.

In the Python version, metrics are `a[i]`, `b[i]`, `c[i]` and the step is `steps[i]`.
"""

import math
import operator
from functools import reduce

import numpy as np
from hypothesis import strategies as st

METRICS = ("a", "b", "c")

FLOATS = st.sampled_from(
    [0.0, -0.0, 1.0, -1.0, 0.5, 0.1, 3.0, 1e-300, 1e300, math.nan, math.inf, -math.inf]
) | st.floats(width=32)

CONSTANTS = st.sampled_from(["0", "1", "2", "3.5", ".5", "2.", "1e-3", "1E2"])


def _combined(pattern, *parts):
    """Fill a pattern with expressions; draws pairs (expression, Python version)."""
    return st.tuples(*parts).map(lambda drawn: tuple(pattern.format(*each) for each in zip(*drawn, strict=True)))


def _same(texts):
    return texts.map(lambda text: (text, text))


def numbers(means):
    """Pairs of numeric expressions; with mean() if `means`, which has no Python version here."""
    leaves = st.one_of(
        *(st.just((name, f"{name}[i]")) for name in METRICS), st.just(("step", "steps[i]")), _same(CONSTANTS)
    )

    def grown(inner):
        lists = st.integers(2, 3).flatmap(lambda count: _combined(", ".join(["{}"] * count), *[inner] * count))
        options = [
            _combined("-{}", inner),
            _combined("({})", inner),
            _combined("abs({})", inner),
            _combined("{} {} {}", inner, _same(st.sampled_from("+-*/")), inner),
            _combined("{}({})", _same(st.sampled_from(["min", "max"])), lists),
        ]
        if means:
            options.append(_combined("mean({}, {})", inner, _same(st.integers(1, 5).map(str))))
        return st.one_of(options)

    return st.recursive(leaves, grown, max_leaves=6)


def truths(means):
    """Pairs of Boolean expressions."""
    inner = numbers(means)
    comparison = _same(st.sampled_from(["<", "<=", ">", ">=", "==", "!="]))
    leaves = st.one_of(
        _combined("{} {} {}", inner, comparison, inner),
        _combined("{} {} {} {} {}", inner, comparison, inner, comparison, inner),
        _combined("isnan({})", inner),
    )
    if means:
        mean = _combined("mean({}, {})", inner, _same(st.integers(1, 5).map(str)))
        leaves |= _combined("{} {} {}", mean, comparison, inner)
        leaves |= _combined("isnan({} / {})", mean, inner)

    def grown(parts):
        return st.one_of(
            _combined("not {}", parts),
            _combined("({})", parts),
            _combined("{} {} {}", parts, _same(st.sampled_from(["and", "or"])), parts),
        )

    return st.recursive(leaves, grown, max_leaves=4)


@st.composite
def histories(draw):
    """(columns, steps): the three metrics over 0 to 12 steps, mostly consecutive."""
    count = draw(st.integers(0, 12))
    gaps = draw(st.lists(st.sampled_from([1, 1, 1, 1, 2, 7]), min_size=count, max_size=count))
    steps = np.cumsum(np.array(gaps, np.int64)) + draw(st.integers(0, 20))
    values = st.lists(FLOATS, min_size=count, max_size=count)
    return {name: np.array(draw(values), np.float64) for name in METRICS}, steps


def by_python(text, columns, steps):
    """The values of the Python version, step by step; NaN where it divides by zero."""

    def extreme(numpy_function):
        return lambda *values: float(reduce(numpy_function, map(np.float64, values)))

    words = {"abs": abs, "min": extreme(np.minimum), "max": extreme(np.maximum), "isnan": math.isnan}
    code = compile(text, "expression", "eval")
    floats = {name: values.tolist() for name, values in columns.items()} | {"steps": [float(step) for step in steps]}
    found = []
    for i in range(len(steps)):
        try:
            found.append(float(eval(code, {"__builtins__": {}}, {**words, **floats, "i": i})))
        except ZeroDivisionError:
            found.append(math.nan)
    return found


def rows(columns, steps):
    """Yield (step, metrics at it) for every step."""
    for i, step in enumerate(steps.tolist()):
        yield step, {name: float(values[i]) for name, values in columns.items()}


def same(left, right):
    """Whether two lists of floats are equal; NaN equals NaN."""
    return len(left) == len(right) and all(
        operator.eq(x, y) or (math.isnan(x) and math.isnan(y)) for x, y in zip(left, right, strict=True)
    )
