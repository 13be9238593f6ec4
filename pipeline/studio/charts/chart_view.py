"""What a chart shows of its data: its ends, its robust range, what a logarithm can show, and the values at each step.

All of it is sent as data, because a changed specification makes the browser create the chart again.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

OUTER = 0.01
"""Share of the values at each end that do not decide where a clipped chart ends."""
MARGIN = 0.25
"""Room beyond the other values, relative to their range."""


class Clip(NamedTuple):
    """The vertical ends of a clipped chart, and how many of its points lie outside."""

    low: float
    high: float
    outside: int


def extent(tables: Sequence[pa.Table]) -> tuple[float, float]:
    """The first and last position of any of the tables, which have a column x; (0, 1) if they are empty."""
    ends = [pc.min_max(table["x"]) for table in tables if table.num_rows]
    low = min((each["min"].as_py() for each in ends if each["min"].is_valid), default=0.0)
    high = max((each["max"].as_py() for each in ends if each["max"].is_valid), default=1.0)
    return (low, high) if low < high else (low, low + 1)


def clipped(tables: Sequence[pa.Table], *, log: bool = False) -> Clip | None:
    """Where a chart ends if its outliers are cut off; None if it has none.

    The middle 98 % of the values decide; a quarter of their range is added on either side. log: measure ranges on a
    logarithmic axis; the tables are those of `positive`.
    """
    values = np.concatenate([np.empty(0), *(_numbers(table, name) for table in tables for name in ("low", "high"))])
    values = values[np.isfinite(values)]
    if not len(values):
        return None
    inner_low, inner_high = np.quantile(np.log10(values) if log else values, [OUTER, 1 - OUTER])
    room = MARGIN * (inner_high - inner_low)
    low, high = inner_low - room, inner_high + room
    if log:
        low, high = 10.0**low, 10.0**high
    outside = sum(int(np.count_nonzero(_beyond(table, low, high))) for table in tables)
    # Without spread there is nothing to look at inside.
    return Clip(float(low), float(high), outside) if outside and low < high else None


def positive(tables: Sequence[pa.Table]) -> tuple[list[pa.Table], int]:
    """The tables as a logarithmic axis can show them, and how many points it cannot show.

    Values at or below zero become gaps. A band that reaches below zero ends at the smallest positive value.
    """
    kinds = [{name: _numbers(table, name) for name in ("value", "low", "high")} for table in tables]
    every = np.concatenate([np.empty(0), *(numbers for columns in kinds for numbers in columns.values())])
    least = np.min(every, where=every > 0, initial=np.inf)
    shown, hidden = [], 0
    for table, columns in zip(tables, kinds, strict=True):
        gone = columns["value"] <= 0
        hidden += int(np.count_nonzero(gone))
        below = gone | (columns["high"] <= 0)
        columns = {
            "value": np.where(gone, np.nan, columns["value"]),
            "low": np.where(below, np.nan, np.maximum(columns["low"], least)),
            "high": np.where(below, np.nan, columns["high"]),
        }
        for name, numbers in columns.items():
            table = table.set_column(table.column_names.index(name), name, _cells(numbers))
        shown.append(table)
    return shown, hidden


def has_positive(tables: Sequence[pa.Table]) -> bool:
    """Whether any value is above zero, so that a logarithmic axis would show something."""
    return any(bool(np.any(_numbers(table, "value") > 0)) for table in tables)


def readout(tables: Sequence[pa.Table], names: Sequence[str], at: NDArray[np.float64]) -> pa.Table:
    """The values of all lines at each position: columns x and, for line i of `names`, v{i}, low{i} and high{i}.

    at: positions to read at, in addition to those of the lines. Between its points, a line has its latest value: a
    measurement holds until the next; after its last point it has none. A gap stays a gap. A line whose range is its
    value everywhere has no low and high, since all of this is sent to the browser every few seconds.
    """
    points = pa.concat_tables(tables)
    own = points["x"].to_numpy()
    grid = np.unique(np.concatenate([own[np.isfinite(own)], at[np.isfinite(at)]]))
    columns: dict[str, pa.Array] = {"x": pa.array(grid)}
    for number, name in enumerate(names):
        line = points.filter(pc.equal(points["metric"], name)).sort_by("x")
        places = line["x"].to_numpy()
        place = np.searchsorted(places, grid, side="right") - 1
        place[grid > places.max(initial=-np.inf)] = -1
        value, *ends = (np.append(_numbers(line, column), np.nan)[place] for column in ("value", "low", "high"))
        columns[f"v{number}"] = _cells(value)
        if not all(np.array_equal(end, value, equal_nan=True) for end in ends):
            columns |= {f"{column}{number}": _cells(end) for column, end in zip(("low", "high"), ends, strict=True)}
    return pa.table(columns)


def held(points: pa.Table, ends: Mapping[str, float]) -> pa.Table:
    """The table with one more row for each line that ends before the end given for it: a measurement holds until the
    next. The new rows have a value, but no range."""
    rows = [points]
    for name, end in ends.items():
        line = points.filter(pc.equal(points["metric"], name))
        if line.num_rows and line["x"][line.num_rows - 1].as_py() < end:
            nothing = pa.nulls(1, pa.float32())
            last = line.slice(line.num_rows - 1, 1)
            columns = {"x": pa.array([end], pa.float64()), "metric": last["metric"], "value": last["value"]}
            rows.append(pa.table(columns | {"low": nothing, "high": nothing}))
    return pa.concat_tables(rows).combine_chunks()


def within(at: NDArray[np.float64], ends: tuple[float, float]) -> NDArray[np.float64]:
    """The positions from the first to the second end."""
    return at[(at >= ends[0]) & (at <= ends[1])]


def _numbers(table: pa.Table, name: str) -> NDArray[np.float64]:
    """A column with NaN for gaps."""
    numbers: NDArray[np.float64] = pc.fill_null(table[name], np.nan).to_numpy().astype(np.float64)
    return numbers


def _cells(numbers: NDArray[np.float64]) -> pa.Array:
    """A column as a chart receives it: half as many bytes, and gaps for what is not finite."""
    return pa.array(numbers.astype(np.float32), mask=~np.isfinite(numbers))


def _beyond(table: pa.Table, low: float, high: float) -> NDArray[np.bool_]:
    outside: NDArray[np.bool_] = (_numbers(table, "low") < low) | (_numbers(table, "high") > high)
    return outside
