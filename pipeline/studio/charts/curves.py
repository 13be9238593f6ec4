"""Training curves as chart data: lines over steps, epochs or time.

Tables are Arrow tables, the format sent to the browser. Converting from pandas took most of the server's time, and on
two cores the server's time is lost to the trainer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.families.family import FAMILIES
from pipeline.nodes.metric_series import METRIC_SERIES
from pipeline.runs import metrics, point_series
from pipeline.runs.blocks import Cells
from pipeline.runs.catalogue import parent_of
from pipeline.runs.metrics import Curve, Curves
from pipeline.runs.series import CLOCKS, Chart, Series, by_name, checkup_of, names_of, undeclared
from pipeline.runs.store import RunRecord, Store
from pipeline.runs.system_series import SYSTEM
from pipeline.studio import workflows

XAxis = Literal["step", "epoch", "images", "time"]
Group: TypeAlias = tuple[Series, ...]
"""Series that share a chart."""
Groups: TypeAlias = Mapping[str, Group]
"""The series of each chart, by the chart's title."""

BANDS = 600
"""Points per series in a chart: about one per pixel of its width."""


class StepRange(NamedTuple):
    """The steps from `first` to `last` of a run: the part of its charts that a zoomed page shows."""

    first: int
    last: int

    def widened(self) -> "StepRange":
        """The range with one more band at each end, so that lines reach the edges of the chart."""
        width = metrics.band_width(max(1, self.first), self.last, BANDS)
        return StepRange(max(0, self.first - width), self.last + width)


@dataclass(frozen=True)
class Lines:
    """The lines of one chart, in the order of their series.

    unit: unit of the values, in words. points: columns x, metric, value (the last of each band, smoothed), low and high
    (of the band); null for gaps. measured: names of the series measured at some steps only: their rows are these steps,
    and they are not smoothed.
    """

    series: Group
    points: pa.Table
    measured: frozenset[str] = frozenset()

    @property
    def unit(self) -> str:
        return self.series[0].unit

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of the series."""
        return names_of(self.series)


@dataclass(frozen=True)
class Charts:
    """Charts of one run, by title. They show the last value in each of `shown` bands of the `recorded` steps."""

    charts: Mapping[str, Lines]
    shown: int
    recorded: int
    at: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))  # (bands,)
    """Positions of the bands on the x-axis."""


def groups(store: Store, run: RunRecord) -> tuple[Groups, Groups]:
    """The run's charts (title -> recorded series): first those always drawn, then those drawn only on request.

    Ordered by `Chart.place`. A fork that has not yet trained a step has its parent's charts. Raises UnknownRun.
    """
    recorded = metrics.names(store, run.id)
    while not recorded and (parent := parent_of(store, run)) is not None:
        run = parent
        recorded = metrics.names(store, run.id)
    drawn: dict[str, tuple[Chart, list[Series]]] = {}
    for each in declared(run.workflow_text, recorded, run.data_text):
        if each.chart is not None:
            # Series with the same chart title share a chart even if they disagree on its unit or place.
            drawn.setdefault(each.chart.title, (each.chart, []))[1].append(each)
    placed = sorted(drawn.values(), key=lambda found: found[0].place)
    return (
        {chart.title: tuple(series) for chart, series in placed if not chart.folded},
        {chart.title: tuple(series) for chart, series in placed if chart.folded},
    )


def declared(workflow_text: str, recorded: Sequence[str], data_text: str = "null") -> tuple[Series, ...]:
    """The recorded series as the run's workflow declares them, in its order; then those it does not declare, because
    nodes have changed or are gone: as the families declare them, or else as undeclared series."""
    of_run = by_name(workflows.series_of(workflow_text, data_text))
    known = known_series()
    others = {name: known.get(name) or undeclared(name) for name in recorded if name not in of_run}
    return (*(each for name, each in of_run.items() if name in recorded), *others.values())


def known_series() -> Mapping[str, Series]:
    """All series that metrics and families declare, and those of every run, by name."""
    return {**METRIC_SERIES, **FAMILIES.series, **by_name((*CLOCKS, *checkup_of(), *SYSTEM))}


def charts(
    store: Store,
    run: RunRecord,
    wanted: Groups,
    x: XAxis = "step",
    smoothing: float = 0.0,
    part: StepRange | None = None,
) -> Charts:
    """Read the given charts over steps, epochs (passes over the training images), images seen or seconds of training.

    smoothing: 0 for none; towards 1, a longer and longer exponential average. part: read only these steps and one band
    on either side, in bands as fine as for a run of that length. Metrics without a value at any step are left out, and
    so are charts that have only such metrics. Raises UnknownRun.
    """
    names = [name for group in wanted.values() for name in names_of(group)]
    if part is None:
        found = metrics.history(store, run.id, names, bands=BANDS)
        whole = found
        dots = measured_lines(store, run, names, found, x)
    else:
        first, last = part.widened()
        # Two bands more, for the ends; one, since the range may begin inside a band.
        found = metrics.history(store, run.id, names, BANDS + 3, max(1, first), last)
        # A zoomed page has the charts and lines of the whole run, even where they have no value.
        whole = metrics.history(store, run.id, names, 1)
        dots = measured_lines(store, run, names, found, x, first, last)
    at = positions(run, x, found.steps, found.seconds)
    drawn = {}
    for title, group in wanted.items():
        valued = tuple(
            each for each in group if not len(whole.steps) or np.isfinite(whole.series[each.name].high).any()
        )
        if valued:
            lines = [
                dots[name] if name in dots else line(at, name, found.series[name], smoothing)
                for name in names_of(valued)
            ]
            points = pa.concat_tables(lines).combine_chunks()
            drawn[title] = Lines(valued, points, frozenset(dots).intersection(names_of(valued)))
    return Charts(drawn, len(found.steps), found.points, at)


def measured_lines(
    store: Store,
    run: RunRecord,
    names: Sequence[str],
    found: Curves,
    x: XAxis,
    first: int = 0,
    last: int | None = None,
    axis: RunRecord | None = None,
) -> dict[str, pa.Table]:
    """The points of those of the named series that are measured at some steps only, by name, without smoothing.

    found: the run's curves of these series; measurements of a band are drawn as one point. first, last: the steps to
    read; the latest measurement before them is read too, since it holds at their beginning. axis: the run that defines
    epochs, if it is not this one. Raises UnknownRun.
    """
    points = point_series.read(store, run.id, names, first, run.step if last is None else last, held=first > 0)
    cells = {name: each.merged(found.width) for name, each in points.items()}
    for name in workflows.measured_names(run.workflow_text, run.data_text).intersection(names).difference(points):
        changes = _changes(found, found.series[name])
        if len(changes.ends):
            cells[name] = changes
    # All at once, since finding the seconds reads the run's clock.
    steps = np.unique(np.concatenate([np.empty(0, np.int64), *(each.ends for each in cells.values())]))
    seconds = seconds_at(store, run, steps) if x == "time" and len(steps) else np.zeros(len(steps), np.float32)
    at = positions(axis or run, x, steps, seconds)
    return {
        name: line(at[np.searchsorted(steps, each.ends)], name, Curve(each.last, each.low, each.high), 0.0)
        for name, each in cells.items()
    }


def _changes(found: Curves, curve: Curve) -> Cells:
    """The measurements in a curve of a run made before version 0.4.0, in which each was repeated at the steps after it.

    The first step with a new value is the one after the measurement.
    """
    # Compared as bytes, NaN equals NaN.
    bits = curve.last.view(np.int32)
    new = np.concatenate([[True], bits[1:] != bits[:-1]])[: len(bits)] & np.isfinite(curve.last)
    ends = (found.steps[new] - 1) // found.width * found.width
    return Cells(ends, np.ones_like(ends), curve.low[new], curve.high[new], curve.last[new])


def seconds_at(store: Store, run: RunRecord, steps: NDArray[np.int64]) -> NDArray[np.float32]:
    """Seconds of training (n,) after steps (n,), those before the run's first step being the start. Raises
    UnknownRun."""
    first_step, begun_seconds = run.parent_step or 0, 0.0
    if first_step and (parent := parent_of(store, run)) is not None:
        last = metrics.history(store, parent.id, [], 1, first_step, first_step).seconds
        begun_seconds = float(last[0]) if len(last) else 0.0
    clock = metrics.history(store, run.id, [], bands=BANDS)
    seconds: NDArray[np.float64] = np.interp(steps, [first_step, *clock.steps], [begun_seconds, *clock.seconds])
    return seconds.astype(np.float32)


def redraw_counter(run: RunRecord) -> int:
    """A counter that grows with every sixteenth of a band; until it does, redrawn charts would show no change."""
    width = metrics.band_width((run.parent_step or 0) + 1, max(1, run.step), BANDS)
    return run.step // max(1, width // 16)


def line(at: NDArray[np.float64], name: str, curve: Curve, smoothing: float) -> pa.Table:
    """The points of one line, at positions (n,). Values that are not finite become gaps, as no axis can show them."""
    return pa.table(
        {
            "x": pa.array(at, from_pandas=True),
            "metric": pa.repeat(name, len(at)),
            "value": _with_gaps(smooth(curve.last, smoothing).astype(np.float32)),
            "low": _with_gaps(curve.low),
            "high": _with_gaps(curve.high),
        }
    )


def _with_gaps(values: NDArray[np.float32]) -> pa.Array:
    return pa.array(values, mask=~np.isfinite(values))


def smooth(values: NDArray[np.float32], weight: float) -> NDArray[np.float64]:
    """Exponential average s_t = (Σ w^(t−i) v_i) / (Σ w^(t−i)) over the finite values; the others stay gaps.

    weight: w in [0, 1). Dividing by the sum of weights avoids a bias towards zero at the start.
    """
    averaged = pd.Series(values, dtype="float64").ewm(alpha=1 - weight, adjust=True).mean()
    smoothed: NDArray[np.float64] = averaged.where(np.isfinite(values)).to_numpy()
    return smoothed


def positions(run: RunRecord, x: XAxis, steps: NDArray[np.int64], seconds: NDArray[np.float32]) -> NDArray[np.float64]:
    """Positions on the x-axis of steps (n,) reached after `seconds` (n,) of training."""
    if x in ("epoch", "images"):
        each = run.batch_size / run.train_images if x == "epoch" else run.batch_size
        return np.asarray(steps * each, np.float64)
    return np.asarray(seconds if x == "time" else steps, np.float64)
