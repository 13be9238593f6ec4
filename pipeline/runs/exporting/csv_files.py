"""Exports metrics as CSV.

Values have float32 precision.
"""

from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.runs.atomic_files import os_errors_as_refusals, temporary_sibling
from pipeline.runs.exporting.progress import ExportProgress, unseen
from pipeline.runs.exporting.run_rows import RunRows, WideRows
from pipeline.runs.store import Store

KEYS = ("run", "name", "step")
"""The columns before those of the metrics, in files of several runs."""


def to_csv(store: Store, run: str, out: Path, measured: Collection[str] = (), progress: ExportProgress = unseen) -> int:
    """Write the run's metrics to `out`: a column `step` and one per metric, a line per recorded step. Return the number
    of lines.

    "nan" is a NaN, or a metric not recorded at that step. What is measured at some steps only has a value in the lines
    of those steps and is empty in the others; a measurement before the first step has no line. measured: names of the
    series measured so, needed for runs made before version 0.4.0. Raises UnknownRun, CannotWrite.
    """
    rows = RunRows(store, store.run(run), measured)
    lines = 0
    with os_errors_as_refusals(out), temporary_sibling(out) as temporary:
        with temporary.open("w", encoding="utf-8", newline="") as file:
            file.write(_heading(["step", *rows.columns]))
            for block in rows.wide():
                table = _table(rows, block)
                table.insert(0, "step", block.steps)
                file.write(_lines(table))
                lines += len(block.steps)
                progress("Writing steps", min(lines, rows.steps), rows.steps)
        temporary.replace(out)
    return lines


def to_wide_csv(runs: Sequence[RunRows], out: Path, progress: ExportProgress = unseen) -> int:
    """Write several runs to one file: the columns run (its id), name, step and one per metric of any of them; a line
    per run and step. Return the number of lines.

    As in `to_csv`, and a metric that a run does not have is empty in its lines. A metric that is called like one of the
    first columns has " (metric)" behind its name. Raises UnknownRun, CannotWrite.
    """
    columns = union(runs)
    lines, total = 0, sum(run.steps for run in runs)
    with os_errors_as_refusals(out), temporary_sibling(out) as temporary:
        with temporary.open("w", encoding="utf-8", newline="") as file:
            file.write(_heading([*KEYS, *map(heading, columns)]))
            for run in runs:
                for block in run.wide():
                    table = _table(run, block).reindex(columns=columns, fill_value="")
                    table.columns = pd.Index(list(map(heading, columns)))
                    table.insert(0, "run", run.record.id)
                    table.insert(1, "name", run.record.name)
                    table.insert(2, "step", block.steps)
                    file.write(_lines(table))
                    lines += len(block.steps)
                    progress("Writing steps", min(lines, total), total)
        temporary.replace(out)
    return lines


def to_long_csv(runs: Sequence[RunRows], out: Path, progress: ExportProgress = unseen) -> int:
    """Write runs to one file: the columns run (its id), name, step, metric, value; a line per value, by run, step and
    metric. Return the number of lines.

    NaN has no line; a measurement before the first step has one. Raises UnknownRun, CannotWrite.
    """
    lines, done, total = 0, 0, sum(run.steps for run in runs)
    with os_errors_as_refusals(out), temporary_sibling(out) as temporary:
        with temporary.open("w", encoding="utf-8", newline="") as file:
            file.write(_heading([*KEYS, "metric", "value"]))
            for run in runs:
                names = np.array(run.columns, object)
                for block in run.long():
                    table = pd.DataFrame(
                        {
                            "run": run.record.id,
                            "name": run.record.name,
                            "step": block.steps,
                            "metric": names[block.columns],
                            "value": block.values,
                        }
                    )
                    file.write(_lines(table))
                    lines += len(table)
                    done += len(np.unique(block.steps))
                    progress("Writing steps", min(done, total), total)
        temporary.replace(out)
    return lines


def union(runs: Sequence[RunRows]) -> list[str]:
    """The names of all series of these runs, in the order in which they are met."""
    return list(dict.fromkeys(name for run in runs for name in run.columns))


def heading(name: str) -> str:
    """The heading of a metric's column in a file of several runs."""
    return f"{name} (metric)" if name in KEYS else name


def _table(run: RunRows, block: WideRows) -> pd.DataFrame:
    """The values of a block of the run; an empty text where a metric was not measured."""
    table = pd.DataFrame(block.values, columns=run.columns)
    for place, name in enumerate(run.columns):
        if name in run.measured:
            present = block.present[:, place]
            column = np.full(len(present), "", object)
            column[present] = list(block.values[present, place])
            table[name] = pd.Series(column, dtype=object)
    return table


def _heading(columns: Sequence[str]) -> str:
    return _lines(pd.DataFrame(columns=list(columns)), header=True)


def _lines(table: pd.DataFrame, *, header: bool = False) -> str:
    return table.to_csv(index=False, header=header, na_rep="nan", lineterminator="\n")
