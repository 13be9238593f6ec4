"""Watches: expressions over the metrics of a run, evaluated at every step and put into bands as other curves are."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.conditions.expression import Expression, parse
from pipeline.errors.base import Refusal
from pipeline.runs import metrics
from pipeline.runs.blocks import Cells
from pipeline.runs.metrics import Curve, Curves
from pipeline.runs.store import RunRecord, Store
from pipeline.studio.curves import BANDS, XAxis, line, positions

MOST_STEPS = 200_000
"""Steps that a watch is evaluated over, the newest: each takes about a microsecond."""


@dataclass(frozen=True)
class Watch:
    """The chart of one expression. points: one line as in `curves.Chart`, named by the expression; values of a
    condition are 0 and 1. refusal: the sentence that stands in its place where this run has no such metric."""

    expression: str
    points: pa.Table | None = None
    is_condition: bool = False
    refusal: str = ""


@dataclass(frozen=True)
class Watches:
    """The watches of a run over the newest `evaluated` of its `recorded` steps."""

    charts: tuple[Watch, ...] = ()
    evaluated: int = 0
    recorded: int = 0


def band_at(step: int) -> int:
    """The band of a watch's chart in which a step lies: until the next one begins, there is hardly anything to see."""
    return step // metrics.band_width(max(1, step - MOST_STEPS + 1), max(1, step), BANDS)


def watches(
    store: Store, run: RunRecord, expressions: Sequence[str], x: XAxis = "step", smoothing: float = 0.0
) -> Watches:
    """Every expression over the run; nothing before its first step. Raises UnknownRun.

    A step at which an expression divides by zero, or is no finite number, is a gap. Conditions are not smoothed.
    """
    names = metrics.names(store, run.id)
    parsed = [_parsed(text, names) for text in dict.fromkeys(expressions)] if names else []
    expressed = [each for each in parsed if isinstance(each, Expression)]
    wanted = list(dict.fromkeys(name for each in expressed for name in each.metrics))
    memory = max((each.memory for each in expressed), default=0)
    first = max(1, run.step - MOST_STEPS + 1)
    # At one step a band, and with what means look back at, the values are those of the steps.
    found = metrics.history(store, run.id, wanted, 2 * MOST_STEPS + memory, max(1, first - memory))
    columns = {name: curve.last for name, curve in found.series.items()}
    charts = tuple(
        _drawn(each, each.values(columns, found.steps), found, first, run, x, smoothing)
        if isinstance(each, Expression)
        else each
        for each in parsed
    )
    evaluated = int(np.count_nonzero(found.steps >= first))
    return Watches(charts, evaluated, max(evaluated, run.step - (run.parent_step or 0)))


def _parsed(text: str, names: Sequence[str]) -> Expression | Watch:
    try:
        return parse(text, names)
    except Refusal as error:
        return Watch(text, refusal=str(error))


def _drawn(
    expression: Expression,
    values: NDArray[np.float64],
    found: Curves,
    first: int,
    run: RunRecord,
    x: XAxis,
    smoothing: float,
) -> Watch:
    kept = slice(np.searchsorted(found.steps, first), None)
    steps, seconds = found.steps[kept], found.seconds[kept]
    with np.errstate(over="ignore"):
        single = values[kept].astype(np.float32)
    single[~np.isfinite(single)] = np.nan
    cells = Cells(steps, np.ones_like(steps), single, single, single)
    if len(steps):
        cells = cells.merged(metrics.band_width(int(steps[0]), int(steps[-1]), BANDS))
    at = positions(run, x, cells.ends, seconds[np.searchsorted(steps, cells.ends)])
    curve = Curve(cells.last, cells.low, cells.high)
    points = line(at, expression.text, curve, 0.0 if expression.is_condition else smoothing)
    return Watch(expression.text, points, expression.is_condition)
