"""What the expressions of breakpoints and watches may speak of, and whether one makes sense in a run."""

from collections.abc import Collection
from functools import lru_cache

import pyarrow as pa

from pipeline.conditions.expression import parse
from pipeline.errors.base import GenscopeError
from pipeline.runs.series import Series

SYNTAX = {
    "mean(x, n)": "mean of x over the last n steps",
    "min(x, y), max(x, y)": "the lowest and the highest",
    "abs(x)": "x without its sign",
    "isnan(x)": "whether x was not measured",
    "and, or, not, ( )": "join conditions",
    "< <= > >= == !=": "compare; also 0.4 < x < 0.6",
    "+ - * /": "reckon",
}


@lru_cache(maxsize=32)
def vocabulary(series: tuple[Series, ...]) -> pa.Table:
    """Names and functions as rows for a table: columns Name and What it is. series: that a run records."""
    rows = {"step": "number of the step, from 1"} | {each.name: each.meaning for each in series} | SYNTAX
    return pa.table({"Name": pa.array(rows, pa.string()), "What it is": pa.array(rows.values(), pa.string())})


def refusal(expression: str, names: Collection[str]) -> str:
    """Why an expression makes no sense in a run with these metrics, in a sentence; "" where it does."""
    try:
        parse(expression, names)
    except GenscopeError as error:
        return str(error)
    return ""
