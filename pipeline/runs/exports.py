"""Exports a run's metrics as CSV."""

from collections.abc import Collection
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.runs import metrics, point_series
from pipeline.runs.atomic_files import os_errors_as_refusals, temporary_sibling
from pipeline.runs.blocks import Steps
from pipeline.runs.points import Points
from pipeline.runs.store import Store


def to_csv(store: Store, run: str, out: Path, measured: Collection[str] = ()) -> int:
    """Write the run's metrics to `out`: a column `step` and one per metric, a line per recorded step. Return the number
    of lines.

    Values have float32 precision; "nan" is a NaN, or a metric not recorded at that step. What is measured at some steps
    only has a value in the lines of those steps and is empty in the others; a measurement before the first step has no
    line. measured: names of the series measured so, needed for runs made before version 0.4.0. The file appears only
    when complete. Raises UnknownRun, CannotWrite.
    """
    columns = metrics.names(store, run)
    points = point_series.from_rows(store, run, measured) | point_series.read(store, run, columns)
    lines = 0
    with os_errors_as_refusals(out), temporary_sibling(out) as temporary:
        with temporary.open("w", encoding="utf-8", newline="") as file:
            file.write(pd.DataFrame(columns=["step", *columns]).to_csv(index=False, lineterminator="\n"))
            for steps, values in metrics.rows(store, run):
                table = pd.DataFrame(values, columns=columns)
                for name in (name for name in columns if name in points):
                    table[name] = _at(steps, points[name])
                table.insert(0, "step", steps)
                table.to_csv(file, index=False, header=False, na_rep="nan", lineterminator="\n")
                lines += len(steps)
        temporary.replace(out)
    return lines


def _at(steps: Steps, points: Points) -> pd.Series:
    """The values of the points at these steps, and an empty text at steps without a point."""
    column = np.full(len(steps), "", object)
    at = np.searchsorted(points.steps, steps)
    found = at < len(points.steps)
    found[found] = points.steps[at[found]] == steps[found]
    column[found] = list(points.values[at[found]])
    return pd.Series(column, dtype=object)
