"""Watches: expressions over the metrics of a run, evaluated at every step and then binned like other curves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.conditions.expression import Expression, parse
from pipeline.errors.base import Refusal
from pipeline.runs import metrics
from pipeline.runs.blocks import Cells
from pipeline.runs.metrics import Curve
from pipeline.runs.store import RunRecord, Store
from pipeline.studio.charts.curves import BANDS, StepRange, XAxis, line, positions
from pipeline.studio.run import ancestry

MOST_STEPS = 200_000
"""A watch is evaluated over at most this many of the newest steps; each takes about a microsecond."""


@dataclass(frozen=True)
class WatchChart:
    """The chart of one expression.

    points: one line as in `curves.Lines`, named by the expression; conditions have values 0 and 1. refusal: the message
    to show in place of the chart if the run lacks a metric of the expression.
    """

    expression: str
    points: pa.Table | None = None
    is_condition: bool = False
    refusal: str = ""


@dataclass(frozen=True)
class Watches:
    """The watches of a run, over the newest `evaluated` of its `recorded` steps."""

    charts: tuple[WatchChart, ...] = ()
    evaluated: int = 0
    recorded: int = 0


def band_at(step: int) -> int:
    """The band of a watch's chart that contains a step. Pages need no redraw before the next band begins."""
    return step // metrics.band_width(max(1, step - MOST_STEPS + 1), max(1, step), BANDS)


def watches(
    store: Store,
    run: RunRecord,
    expressions: Sequence[str],
    x: XAxis = "step",
    smoothing: float = 0.0,
    part: StepRange | None = None,
) -> Watches:
    """Evaluate the expressions over the run; empty before its first step. Raises UnknownRun.

    Steps at which an expression divides by zero or is not finite are gaps. Conditions are not smoothed. part: only
    these steps, as in `curves.charts`.
    """
    names = metrics.names(store, run.id)
    parsed = [_parsed(text, names) for text in dict.fromkeys(expressions)] if names else []
    expressed = [each for each in parsed if isinstance(each, Expression)]
    first, last = _newest(run.step, part)
    recorded = _recorded(store, expressed, [(run, max(1, first - _memory(expressed)), part and last)])
    charts = tuple(
        WatchChart(each.text, _line(each, recorded, first, BANDS, run, x, smoothing), each.is_condition)
        if isinstance(each, Expression)
        else each
        for each in parsed
    )
    evaluated = int(np.count_nonzero(recorded.steps >= first))
    steps = run.step - (run.parent_step or 0) if part is None else last - first + 1
    return Watches(charts, evaluated, max(evaluated, steps))


def now(store: Store, run: RunRecord, expressions: Sequence[str]) -> Mapping[str, float]:
    """The value of each expression at the run's last step, by its text; 0 or 1 for a condition. Expressions that are
    refused, or have no value there, are left out. Raises UnknownRun."""
    names = metrics.names(store, run.id)
    expressed = [each for text in expressions if isinstance(each := _parsed(text, names), Expression)] if names else []
    recorded = _recorded(store, expressed, [(run, max(1, run.step - _memory(expressed)), None)])
    if not len(recorded.steps):
        return {}
    values = {each.text: float(each.values(recorded.columns, recorded.steps)[-1]) for each in expressed}
    return {text: value for text, value in values.items() if np.isfinite(value)}


def history_before_fork(
    store: Store,
    run: RunRecord,
    expressions: Sequence[str],
    x: XAxis = "step",
    smoothing: float = 0.0,
    part: StepRange | None = None,
) -> Mapping[str, pa.Table]:
    """Evaluate the expressions over the history of a fork's ancestors before the fork, as one line each.

    Only expressions that are valid for the fork, over at most the newest MOST_STEPS steps. part: as in `watches`.
    Raises UnknownRun.
    """
    names = metrics.names(store, run.id)
    expressed = [each for text in expressions if isinstance(each := _parsed(text, names), Expression)]
    found = ancestry.ancestor_steps(store, run, part)
    if not found or not expressed:
        return {}
    first = max(found[0].first, found[-1].last - MOST_STEPS + 1)
    needed = first - _memory(expressed)
    recorded = _recorded(
        store, expressed, [(each.run, max(each.first, needed), each.last) for each in found if each.last >= needed]
    )
    return {each.text: _line(each, recorded, first, ancestry.BANDS, run, x, smoothing) for each in expressed}


def _newest(step: int, part: StepRange | None) -> tuple[int, int]:
    """The first and last of the newest MOST_STEPS steps, of all or of a part."""
    first, last = (1, step) if part is None else part.widened()
    last = min(last, step)
    return max(1, first, last - MOST_STEPS + 1), last


@dataclass(frozen=True)
class _Recorded:
    """Steps (n,), the seconds of training (n,) up to each step, and metrics (n,) by name."""

    steps: NDArray[np.int64]
    seconds: NDArray[np.float32]
    columns: Mapping[str, NDArray[np.float32]]


def _memory(expressions: Sequence[Expression]) -> int:
    return max((each.memory for each in expressions), default=0)


def _recorded(
    store: Store, expressions: Sequence[Expression], parts: Sequence[tuple[RunRecord, int, int | None]]
) -> _Recorded:
    """The metrics that the expressions need, over the given (run, first, last) parts, concatenated."""
    names = list(dict.fromkeys(name for each in expressions for name in each.metrics))
    # Enough bands for every step on its own, including the steps that means look back over.
    bands = 2 * MOST_STEPS + _memory(expressions)
    found = [metrics.history(store, run.id, names, bands, first, last) for run, first, last in parts]
    return _Recorded(
        steps=np.concatenate([part.steps for part in found]),
        seconds=np.concatenate([part.seconds for part in found]),
        columns={name: np.concatenate([part.series[name].last for part in found]) for name in names},
    )


def _parsed(text: str, names: Sequence[str]) -> Expression | WatchChart:
    try:
        return parse(text, names)
    except Refusal as error:
        return WatchChart(text, refusal=str(error))


def _line(
    expression: Expression, recorded: _Recorded, first: int, bands: int, run: RunRecord, x: XAxis, smoothing: float
) -> pa.Table:
    """The values of the expression from step `first`, in at most `bands` bands."""
    requested = slice(np.searchsorted(recorded.steps, first), None)
    steps, seconds = recorded.steps[requested], recorded.seconds[requested]
    with np.errstate(over="ignore"):
        values = expression.values(recorded.columns, recorded.steps)[requested].astype(np.float32)
    values[~np.isfinite(values)] = np.nan
    cells = Cells(steps, np.ones_like(steps), values, values, values)
    if len(steps):
        cells = cells.merged(metrics.band_width(int(steps[0]), int(steps[-1]), bands))
    at = positions(run, x, cells.ends, seconds[np.searchsorted(steps, cells.ends)])
    curve = Curve(cells.last, cells.low, cells.high)
    return line(at, expression.text, curve, 0.0 if expression.is_condition else smoothing)
