"""Exports a run's metrics as CSV."""

from pathlib import Path

import pandas as pd

from pipeline.runs import metrics
from pipeline.runs.atomic_files import os_errors_as_refusals, temporary_sibling
from pipeline.runs.store import Store


def to_csv(store: Store, run: str, out: Path) -> int:
    """Write the run's metrics to `out`: a column `step` and one per metric, a line per recorded step. Return the number
    of lines.

    Values have float32 precision; "nan" is a NaN, or a metric not recorded at that step. The file appears only when
    complete. Raises UnknownRun, CannotWrite.
    """
    columns = metrics.names(store, run)
    lines = 0
    with os_errors_as_refusals(out), temporary_sibling(out) as temporary:
        with temporary.open("w", encoding="utf-8", newline="") as file:
            file.write(pd.DataFrame(columns=["step", *columns]).to_csv(index=False, lineterminator="\n"))
            for steps, values in metrics.rows(store, run):
                table = pd.DataFrame(values, columns=columns)
                table.insert(0, "step", steps)
                table.to_csv(file, index=False, header=False, na_rep="nan", lineterminator="\n")
                lines += len(steps)
        temporary.replace(out)
    return lines
