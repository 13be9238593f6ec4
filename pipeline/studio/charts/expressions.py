"""The names and syntax of breakpoint and watch expressions, and checking an expression against a run's metrics."""

from collections.abc import Collection
from functools import lru_cache

import pyarrow as pa

from pipeline.conditions.expression import parse
from pipeline.errors.base import GenscopeError
from pipeline.runs.series import Series

SYNTAX = {
    "mean(x, n)": "mean of x over the last n steps",
    "min(x, y), max(x, y)": "smallest and largest value",
    "abs(x)": "absolute value",
    "isnan(x)": "whether x is NaN, which also means: not measured",
    "and, or, not, ( )": "combine conditions",
    "< <= > >= == !=": "compare; also 0.4 < x < 0.6",
    "+ - * /": "arithmetic",
}


@lru_cache(maxsize=32)
def vocabulary(series: tuple[Series, ...]) -> pa.Table:
    """Names and functions as a table: columns Name and What it is. series: the series that a run records."""
    rows = {"step": "number of the step, from 1"} | {each.name: each.meaning for each in series} | SYNTAX
    return pa.table({"Name": pa.array(rows, pa.string()), "What it is": pa.array(rows.values(), pa.string())})


def refusal(expression: str, names: Collection[str]) -> str:
    """Why an expression is invalid for a run with these metrics, as a sentence; "" if it is valid."""
    try:
        parse(expression, names)
    except GenscopeError as error:
        return str(error)
    return ""
