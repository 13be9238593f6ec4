"""One metric of several runs in one chart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from pipeline.runs.series import Series, undeclared
from pipeline.runs.store import RunRecord, Store
from pipeline.studio.charts import curves
from pipeline.studio.charts.curves import XAxis


@dataclass(frozen=True)
class Overlay:
    """The curve of one metric of several runs.

    points: columns x, run (its id), value (the last of each band, smoothed), low and high (of the band); null for gaps.
    measured: whether it is measured at some steps only, so that its values are points. ends: the x of each run's last
    step, by its id, up to which its last measurement holds. without: the runs, by id, that have no value of it.
    """

    series: Series
    points: pa.Table
    measured: bool
    ends: Mapping[str, float]
    without: tuple[str, ...]


def overlay(store: Store, runs: Sequence[RunRecord], name: str, x: XAxis = "step", smoothing: float = 0.0) -> Overlay:
    """The curves of the metric `name`, each over its own run's steps, epochs, images seen or seconds of training.

    A fork's curve begins at its fork, since its ancestor's is that of another run. smoothing: as for `curves.charts`.
    Raises UnknownRun.
    """
    declared: Series | None = None
    tables, measured, without = [], False, []
    ends: dict[str, float] = {}
    for run in runs:
        (series,) = curves.declared(run.workflow_text, [name], run.data_text)
        found = curves.charts(store, run, {name: (series,)}, x, smoothing)
        drawn = found.charts.get(name)
        if drawn is None or drawn.points["value"].null_count == drawn.points.num_rows:
            without.append(run.id)
            continue
        # Of a run whose nodes are gone, the name is known but not what it means.
        declared = series if declared is None or declared == undeclared(name) else declared
        measured = measured or name in drawn.measured
        if len(found.at):
            ends[run.id] = float(found.at[-1])
        points = drawn.points.drop_columns(["metric"])
        tables.append(points.add_column(1, "run", pa.array([run.id] * points.num_rows, pa.string())))
    empty = pa.table({name: pa.array([], kind) for name, kind in _COLUMNS.items()})
    return Overlay(
        declared or undeclared(name),
        pa.concat_tables(tables).combine_chunks() if tables else empty,
        measured,
        ends,
        tuple(without),
    )


_COLUMNS = {"x": pa.float64(), "run": pa.string(), "value": pa.float32(), "low": pa.float32(), "high": pa.float32()}
