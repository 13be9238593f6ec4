"""One chart as the browser receives it: its points, the values at the pointer and the ends of its axes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pages.components.shell.palette import Line
from pipeline.studio.charts import chart_view


@dataclass(frozen=True)
class Shown:
    """One chart. log: whether its axis is logarithmic. from_zero: whether it begins at zero, so that small changes look
    small. refusal: why a watch cannot be drawn, in place of all data.

    points, before: as in `curves.Lines`, before a fork if the run is one. readout: as in `chart_view.readout`. view:
    one row with the ends of the axes, x0, x1, y0 and y1 (null: as the data has it), and a note.
    """

    title: str
    unit: str
    lines: tuple[Line, ...]
    log: bool = False
    percent: bool = False
    condition: bool = False
    from_zero: bool = False
    refusal: str = ""
    points: pa.Table | None = None
    before: pa.Table | None = None
    readout: pa.Table | None = None
    view: pa.Table | None = None


def with_data(
    plain: Shown,
    points: pa.Table,
    before: pa.Table | None,
    ends: tuple[float, float],
    *,
    at: NDArray[np.float64],
    clip: bool,
    note: str = "",
    held_until: Mapping[str, float] | None = None,
) -> Shown:
    """The chart with its data. ends: of the horizontal axis. at (n,): positions at which a chart of measurements can be
    read, besides its own points. clip: whether outliers are cut off. note: words at its top right, before those on what
    it leaves out. held_until: where the last measurement of a line ceases to hold, by name, if it is not the end of
    the axis."""
    measured = (line.name for line in plain.lines if line.measured)
    points = chart_view.held(points, {name: (held_until or {}).get(name, ends[1]) for name in measured})
    tables = [points] if before is None else [points, before]
    notes = [note] if note else []
    log = plain.log and chart_view.has_positive(tables)
    if log:
        tables, hidden = chart_view.positive(tables)
        notes += [f"{hidden:,} at or below 0"] if hidden else []
    clipped = chart_view.clipped(tables, log=log) if clip and not plain.condition else None
    if clipped:
        notes.append(f"{clipped.outside:,} outside")
    at = chart_view.within(at, ends) if plain.lines and plain.lines[0].measured else at[:0]
    return replace(
        plain,
        log=log,
        points=tables[0],
        before=tables[1] if before is not None else None,
        readout=chart_view.readout(tables, [line.name for line in plain.lines], at),
        view=pa.table(
            {
                "x0": pa.array([ends[0]], pa.float64()),
                "x1": pa.array([ends[1]], pa.float64()),
                "y0": pa.array([0.0 if plain.from_zero else clipped and clipped.low], pa.float64()),
                "y1": pa.array([clipped and clipped.high], pa.float64()),
                "note": pa.array([" · ".join(notes)]),
            }
        ),
    )
