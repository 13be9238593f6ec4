"""Training curves as charts take them: lines over steps, epochs or time.

Tables are Arrow's, which is what goes to the browser: making them out of pandas' took most of the server's time, and
the server's time is the trainer's where they share two cores.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.runs import metrics
from pipeline.runs.metrics import SECONDS, Curve
from pipeline.runs.store import RunRecord, Store

XAxis = Literal["step", "epoch", "time"]
Groups: TypeAlias = Mapping[str, tuple[str, ...]]
"""Which metrics share a chart, by its title."""

FIRST: Groups = {
    "Loss": ("D_loss", "G_loss", "loss"),
    "Reconstruction": ("reconstruction", "held_out_reconstruction", "mean_image_error"),
    "KL divergence": ("kl",),
    "Discriminator score": ("D_real", "D_fake"),
    "Gradient norm": ("D_grad_norm", "G_grad_norm", "grad_norm"),
    "Diversity": ("diversity",),
    "Penalty": ("gradient_penalty", "dragan", "r1", "r2"),
    "Throughput": ("images_per_second",),
    "Learning rate": ("D_learning_rate", "G_learning_rate", "encoder_learning_rate", "decoder_learning_rate"),
}
"""The charts that are always drawn."""

MORE: Groups = {
    "Distance to real images": ("energy_distance",),
    "Scores in eval mode": ("D_train", "D_held_out"),
    "Overfitting": ("r_t",),
    "Critic slope": ("critic_slope",),
    "Active units": ("active_units",),
    "Dead units": ("dead_units",),
    "Size of weights": ("D_l1", "D_l2", "G_l1", "G_l2"),
    "Augmentation strength": ("augment_strength",),
}
"""The charts that are drawn where they are asked for."""

BANDS = 600
"""Points a series in a chart: about one for each pixel of its width."""


@dataclass(frozen=True)
class Chart:
    """The lines of one chart. points: columns x, metric, value (smoothed last), low, high; null where there is none."""

    metrics: tuple[str, ...]
    points: pa.Table


@dataclass(frozen=True)
class Charts:
    """Several charts of one run by title, which show the last of each of `shown` bands of the `recorded` steps."""

    charts: Mapping[str, Chart]
    shown: int
    recorded: int


def groups(store: Store, run: RunRecord) -> tuple[Groups, Groups]:
    """The charts that this run has, those always drawn and those drawn where asked for: title -> recorded metrics.

    A series that no chart is made for has one of its own among the second. A fork that has not trained a step yet has
    the charts of the run it comes from. Raises UnknownRun.
    """
    recorded = metrics.names(store, run.id)
    while not recorded and run.parent is not None:
        run = store.run(run.parent)
        recorded = metrics.names(store, run.id)
    placed = {name for group in (*FIRST.values(), *MORE.values()) for name in group}
    others = {name: (name,) for name in recorded if name not in placed and name != SECONDS}
    return _present(FIRST, recorded), _present({**MORE, **others}, recorded)


def _present(offered: Groups, recorded: list[str]) -> Groups:
    present = {title: tuple(name for name in names if name in recorded) for title, names in offered.items()}
    return {title: names for title, names in present.items() if names}


def charts(store: Store, run: RunRecord, wanted: Groups, x: XAxis = "step", smoothing: float = 0.0) -> Charts:
    """These charts over steps, epochs (passes over the training images) or seconds of training, read at once.

    smoothing: 0 shows values as they are, towards 1 an ever longer exponential average of them. A metric that has no
    value at any step is left out, and so is a chart of none but such. Raises UnknownRun.
    """
    names = [name for group in wanted.values() for name in group]
    found = metrics.history(store, run.id, names, bands=BANDS)
    at = positions(run, x, found.steps, found.seconds)
    drawn = {}
    for title, group in wanted.items():
        valued = tuple(name for name in group if not len(at) or np.isfinite(found.series[name].high).any())
        if valued:
            lines = [line(at, name, found.series[name], smoothing) for name in valued]
            drawn[title] = Chart(valued, pa.concat_tables(lines).combine_chunks())
    return Charts(drawn, len(found.steps), found.points)


def reached(run: RunRecord) -> int:
    """Grows with every sixteenth of a band: until then there is nothing new to be seen in a run's charts."""
    width = metrics.band_width((run.parent_step or 0) + 1, max(1, run.step), BANDS)
    return run.step // max(1, width // 16)


def line(at: NDArray[np.float64], name: str, curve: Curve, smoothing: float) -> pa.Table:
    """The points of one line, at positions (n,). What is not finite is a gap: no axis could reach it."""
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

    weight: w in [0, 1). Dividing by the weights' sum keeps the start from being drawn towards zero.
    """
    averaged = pd.Series(values, dtype="float64").ewm(alpha=1 - weight, adjust=True).mean()
    smoothed: NDArray[np.float64] = averaged.where(np.isfinite(values)).to_numpy()
    return smoothed


def positions(run: RunRecord, x: XAxis, steps: NDArray[np.int64], seconds: NDArray[np.float32]) -> NDArray[np.float64]:
    """Where steps (n,), reached after so many seconds (n,), stand on the x-axis."""
    if x == "epoch":
        return np.asarray(steps * (run.batch_size / run.train_images), np.float64)
    return np.asarray(seconds if x == "time" else steps, np.float64)
