"""Training curves as charts take them: lines over steps, epochs or time, with marks where a setting changed.

Tables are Arrow's, which is what goes to the browser: making them out of pandas' took most of the server's time, and
the server's time is the trainer's where they share two cores.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.runs import metrics
from pipeline.runs.metrics import Curve
from pipeline.runs.store import Event, RunRecord, Store

XAxis = Literal["step", "epoch", "time"]

GROUPS: dict[str, tuple[str, ...]] = {
    "Loss": ("D_loss", "G_loss"),
    "Discriminator score": ("D_real", "D_fake"),
    "Gradient norm": ("D_grad_norm", "G_grad_norm"),
    "Penalty": ("gradient_penalty",),
    "Throughput": ("images_per_second",),
}
"""Which metrics share a chart, by its title. Charts without any recorded metric are not drawn."""

BANDS = 600
"""Points a series in a chart: about one for each pixel of its width."""


@dataclass(frozen=True)
class Curves:
    """Lines of one chart. points: columns x, metric, value (smoothed last), low, high; `shown` of `recorded` steps."""

    points: pa.Table
    shown: int
    recorded: int


def groups(store: Store, run: str) -> dict[str, tuple[str, ...]]:
    """The charts that this run has: title -> its recorded metrics. Raises UnknownRun."""
    recorded = set(metrics.names(store, run))
    present = {title: tuple(name for name in names if name in recorded) for title, names in GROUPS.items()}
    return {title: names for title, names in present.items() if names}


def curves(store: Store, run: RunRecord, names: Sequence[str], x: XAxis = "step", smoothing: float = 0.0) -> Curves:
    """Lines of these metrics over steps, epochs (passes over the training images) or seconds of training.

    smoothing: 0 shows values as they are, towards 1 an ever longer exponential average of them. Raises UnknownRun.
    """
    found = metrics.history(store, run.id, names, bands=BANDS)
    positions = pa.array(_positions(run, x, found.steps, found.seconds), from_pandas=True)
    lines = [_line(positions, name, curve, smoothing) for name, curve in found.series.items()]
    return Curves(pa.concat_tables(lines).combine_chunks(), len(found.steps), found.points)


def _line(positions: pa.Array, name: str, curve: Curve, smoothing: float) -> pa.Table:
    columns = {"value": smooth(curve.last, smoothing), "low": curve.low, "high": curve.high}
    return pa.table(
        {"x": positions, "metric": pa.repeat(name, len(positions))}
        | {column: pa.array(values, from_pandas=True) for column, values in columns.items()}
    )


def smooth(values: NDArray[np.float32], weight: float) -> NDArray[np.float64]:
    """Exponential average s_t = (Σ w^(t−i) v_i) / (Σ w^(t−i)) over the finite values; the others stay gaps.

    weight: w in [0, 1). Dividing by the weights' sum keeps the start from being drawn towards zero.
    """
    averaged = pd.Series(values, dtype="float64").ewm(alpha=1 - weight, adjust=True).mean()
    smoothed: NDArray[np.float64] = averaged.where(np.isfinite(values)).to_numpy()
    return smoothed


def marks(store: Store, run: RunRecord, x: XAxis) -> pa.Table:
    """Where a live parameter was changed: columns x and label. Raises UnknownRun."""
    changes = [event for event in store.events(run.id) if event.kind == "parameter changed"]
    steps = np.array([event.step for event in changes], dtype=np.int64)
    seconds = _seconds_at(store, run, steps) if x == "time" and len(steps) else np.zeros(len(steps), np.float32)
    labels = pa.array([_signed(event) for event in changes], pa.string())
    return pa.table({"x": pa.array(_positions(run, x, steps, seconds), from_pandas=True), "label": labels})


def _signed(event: Event) -> str:
    return f"{event.text} ({event.who})" if event.who else event.text


def _positions(run: RunRecord, x: XAxis, steps: NDArray[np.int64], seconds: NDArray[np.float32]) -> NDArray[np.float64]:
    if x == "epoch":
        return np.asarray(steps * (run.batch_size / run.train_images), np.float64)
    return np.asarray(seconds if x == "time" else steps, np.float64)


def _seconds_at(store: Store, run: RunRecord, steps: NDArray[np.int64]) -> NDArray[np.float32]:
    clock = metrics.history(store, run.id, [], bands=BANDS)
    # A change made before the first step stands at the beginning.
    seconds: NDArray[np.float64] = np.interp(steps, [0, *clock.steps], [0.0, *clock.seconds])
    return seconds.astype(np.float32)
