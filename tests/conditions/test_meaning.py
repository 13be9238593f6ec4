"""Values of expressions, compared with Python and with naive means."""

import math
import warnings
from statistics import fmean

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from pipeline.conditions.expression import parse
from pipeline.errors.conditions import MalformedExpression
from tests.conditions.expressions import METRICS, by_python, histories, numbers, same, truths

NAN, INF = math.nan, math.inf


def values(text, **columns):
    columns = {name: np.array(column, np.float32) for name, column in columns.items()}
    steps = np.arange(1, 1 + len(next(iter(columns.values()))))
    return parse(text, list(columns)).values(columns, steps).tolist()


def parsed(text):
    """The parsed expression; examples that always divide by zero are rejected."""
    try:
        return parse(text, METRICS)
    except MalformedExpression as refusal:
        assert "divided by 0" in str(refusal)
        reject()


@given(numbers(means=False) | truths(means=False), histories())
def test_an_expression_has_the_value_that_python_gives(texts, history):
    ours, pythons = texts
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        expected = by_python(pythons, *history)
    assert same(parsed(ours).values(*history).tolist(), expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a > 1", [0, 0, 1, 0, 1]),
        ("not a > 1", [1, 1, 0, 1, 0]),
        ("a != 1", [1, 0, 1, 1, 1]),
        ("isnan(a)", [0, 0, 0, 1, 0]),
        ("a == a", [1, 1, 1, 0, 1]),
        ("0 <= a < 2", [1, 1, 0, 0, 0]),
        ("min(a, 1.5) + 1", [1, 2, 2.5, NAN, 2.5]),
        ("max(1.5, a)", [1.5, 1.5, 2, NAN, INF]),
        ("step", [1, 2, 3, 4, 5]),
        ("step >= 4 and not isnan(a)", [0, 0, 0, 0, 1]),
        ("3", [3, 3, 3, 3, 3]),
        ("1 < 2", [1, 1, 1, 1, 1]),
        ("a − 1 ≥ 0", [0, 1, 1, 0, 1]),
        ("1 / a", [NAN, 1, 0.5, NAN, 0]),
    ],
)
def test_a_comparison_with_nan_is_false_and_infinity_compares_as_a_number(text, expected):
    assert same(values(text, a=[0, 1, 2, NAN, INF]), expected)


def test_short_circuited_parts_cannot_divide_by_zero():
    columns = {"a": [0, 1, 2], "b": [4, 4, 4]}
    assert values("a != 0 and b / a > 3", **columns) == [0, 1, 0]
    assert values("a == 0 or b / a > 3", **columns) == [1, 1, 0]
    assert values("0 < a < b / a", **columns) == [0, 1, 0]
    assert same(values("b / a > 3 or a == 0", **columns), [NAN, 1, 0])
    assert same(values("isnan(b / a)", **columns), [NAN, 0, 0])
    assert same(values("not b / a > 3", **columns), [NAN, 0, 1])


def test_a_mean_uses_the_available_steps_and_ignores_nan():
    assert same(values("mean(a, 3)", a=[NAN, 2, 4, NAN, 12, NAN, NAN, NAN]), [NAN, 2, 3, 3, 8, 12, 12, NAN])


def test_a_mean_ignores_earlier_steps_that_divide_by_zero():
    assert same(values("mean(1 / a, 3)", a=[1, 0, 0.5, 0.25, 0.5]), [1, NAN, 1.5, 3, 8 / 3])


def test_an_infinity_or_a_huge_value_has_no_effect_after_the_window():
    found = values("mean(a, 2)", a=[1, INF, 1, 1e38, 1, 3, -INF, INF, 0.1, 0.1])
    assert same(found[:3], [1, INF, INF])
    assert same(found[5:9], [2, -INF, NAN, INF])
    assert found[9] == float(np.float32(0.1))


def test_the_last_n_steps_are_counted_by_number_not_by_records():
    steps = np.array([1, 2, 10, 11, 13, 1_000_000])
    found = parse("mean(a, 3)", ["a"]).values({"a": np.arange(6.0)}, steps)
    assert found.tolist() == [0, 0.5, 2, 2.5, 3.5, 5]


@given(st.integers(1, 40), st.lists(st.integers(-1000, 1000).map(lambda x: x / 8) | st.just(NAN), max_size=60))
def test_a_mean_equals_fmean_of_the_last_values(n, column):
    expected = []
    for i in range(len(column)):
        present = [x for x in column[max(0, i - n + 1) : i + 1] if not math.isnan(x)]
        expected.append(fmean(present) if present else NAN)
    steps = np.arange(len(column)) + 7
    assert same(parse(f"mean(a, {n})", ["a"]).values({"a": np.array(column)}, steps).tolist(), expected)


def test_a_mean_of_a_mean_averages_the_inner_means():
    column = np.random.default_rng(0).normal(size=200)
    inner = pd.Series(column).rolling(5, min_periods=1).mean()
    expected = inner.rolling(7, min_periods=1).mean()
    expression = parse("mean(mean(a, 5), 7)", ["a"])
    np.testing.assert_allclose(expression.values({"a": column}, np.arange(1, 201)), expected, rtol=1e-12)


def test_rounding_errors_do_not_accumulate_over_a_long_run():
    column = np.random.default_rng(0).normal(1, 1e-3, size=50_000)
    column[:100] = 1e12
    found = parse("mean(a, 1000)", ["a"]).values({"a": column}, np.arange(1, 50_001))
    for step in (1_100, 12_345, 50_000):
        assert found[step - 1] == pytest.approx(fmean(column[step - 1000 : step]), rel=1e-14)


def test_float32_columns_are_evaluated_as_float64():
    third = np.array([1 / 3], np.float32)
    assert parse("a * a", ["a"]).values({"a": third}, np.array([1])).tolist() == [float(third[0]) ** 2]


def test_a_run_without_steps_has_no_values():
    for text in ("mean(a, 3)", "a / a", "3", "1 < 2"):
        assert values(text, a=[]) == []
