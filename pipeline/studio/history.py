"""What runs have left behind, as pages and the command line show it: curves, marks of changes, events, checkpoints."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipeline.runs import metrics
from pipeline.runs.store import Event, RunRecord, Store
from pipeline.runtime.messages import Snapshot
from pipeline.studio.wording import ago, duration, number, remaining

XAxis = Literal["step", "epoch", "time"]

GROUPS: dict[str, tuple[str, ...]] = {
    "Loss": ("D_loss", "G_loss"),
    "Discriminator score": ("D_real", "D_fake"),
    "Gradient norm": ("D_grad_norm", "G_grad_norm"),
    "Penalty": ("gradient_penalty",),
}
"""Which metrics share a chart, by its title. Charts without any recorded metric are not drawn."""

BANDS = 600
"""Points a series in a chart: about one for each pixel of its width."""


@dataclass(frozen=True)
class Curves:
    """Lines of one chart. points: columns x, metric, value (smoothed last), low, high; `shown` of `recorded` steps."""

    points: pd.DataFrame
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
    positions = _positions(run, x, found.steps, found.seconds)
    lines = [
        pd.DataFrame(
            {
                "x": positions,
                "metric": name,
                "value": smooth(curve.last, smoothing),
                "low": curve.low,
                "high": curve.high,
            }
        )
        for name, curve in found.series.items()
    ]
    points = pd.concat(lines, ignore_index=True) if lines else pd.DataFrame(columns=["x", "metric", "value"])
    return Curves(points, len(found.steps), found.points)


def smooth(values: NDArray[np.float32], weight: float) -> NDArray[np.float64]:
    """Exponential average s_t = (Σ w^(t−i) v_i) / (Σ w^(t−i)) over the finite values; NaN stays a gap.

    weight: w in [0, 1). Dividing by the weights' sum keeps the start from being drawn towards zero.
    """
    return (
        pd.Series(values, dtype="float64").ewm(alpha=1 - weight, adjust=True).mean().where(~np.isnan(values)).to_numpy()
    )


def marks(store: Store, run: RunRecord, x: XAxis) -> pd.DataFrame:
    """Where a live parameter was changed: columns x and label. Raises UnknownRun."""
    changes = [event for event in store.events(run.id) if event.kind == "parameter changed"]
    steps = np.array([event.step for event in changes], dtype=np.int64)
    seconds = _seconds_at(store, run, steps) if x == "time" and len(steps) else np.zeros(len(steps), np.float32)
    return pd.DataFrame({"x": _positions(run, x, steps, seconds), "label": [_signed(event) for event in changes]})


def event_table(store: Store, run: str, limit: int = 50) -> pd.DataFrame:
    """The last events of a run as rows for a table, the newest first. Raises UnknownRun."""
    columns = ["Step", "When", "Who", "What"]
    rows = [(event.step, ago(event.time), event.who, event.text) for event in reversed(store.events(run, limit))]
    return pd.DataFrame(rows, columns=columns)


def checkpoint_steps(store: Store, run: str) -> list[int]:
    """Steps of which a checkpoint is kept, the newest first. Raises UnknownRun."""
    return [step for step, _ in reversed(store.files(run).checkpoints())]


def stored(store: Store, run: str) -> Snapshot:
    """A run that nobody is training, in the shape in which the engine would tell of it. Raises UnknownRun."""
    record = store.run(run)
    grid = last_grid(store, run)
    saved = checkpoint_steps(store, run)
    return Snapshot(
        engine="ready",
        # What is recorded as running is not under way here: its process has died, or is another server's.
        state="paused" if record.state in ("running", "interrupted") else record.state,
        run=record.id,
        name=record.name,
        who=record.who,
        device=record.device,
        step=record.step,
        total_steps=record.total_steps,
        seconds=record.seconds,
        images_per_second=record.images_per_second,
        saved=saved[0] if saved else None,
        active=record.error_node or "",
        error=record.error or "",
        samples_step=grid[0] if grid else 0,
        samples=grid[1] if grid else b"",
    )


def last_grid(store: Store, run: str) -> tuple[int, bytes] | None:
    """Step and PNG of the run's newest sample grid, if there is one. Raises UnknownRun."""
    grids = store.files(run).grids()
    return (grids[-1][0], grids[-1][1].read_bytes()) if grids else None


@dataclass(frozen=True)
class Progress:
    """How far a run has come, in words; share: of the planned steps, 0 to 1."""

    epoch: str
    speed: str
    time: str
    left: str
    share: float
    sentence: str


def progress(store: Store, now: Snapshot) -> Progress:
    """The run's way in words. Raises UnknownRun."""
    record = store.run(now.run)
    goal = now.until or now.total_steps
    moving = now.state == "running" and now.images_per_second > 0
    speed = number(now.images_per_second) if now.images_per_second else "–"
    left = remaining((goal - now.step) * record.batch_size / now.images_per_second) if moving else "–"
    sentence = f"Step {now.step:,} of {now.total_steps:,}"
    if now.until and now.state == "running":
        sentence += f" · this chunk ends at {now.until:,}"
    return Progress(
        epoch=f"{now.step * record.batch_size / record.train_images:,.1f}",
        speed=speed,
        time=duration(now.seconds),
        left=left,
        share=min(1.0, now.step / max(1, now.total_steps)),
        sentence=sentence,
    )


def table(records: Iterable[RunRecord]) -> pd.DataFrame:
    """Runs as rows for a table: name, state, step, planned steps, images per second, age in seconds, who, id."""
    return pd.DataFrame(
        [
            {
                "Name": record.name,
                "State": record.state,
                "Step": record.step,
                "Of": record.total_steps,
                "Images/s": record.images_per_second,
                "Started": pd.Timestamp(record.created, unit="s"),
                "By": record.who,
                "Run": record.id,
            }
            for record in records
        ]
    )


def _signed(event: Event) -> str:
    return f"{event.text} ({event.who})" if event.who else event.text


def _positions(run: RunRecord, x: XAxis, steps: NDArray[np.int64], seconds: NDArray[np.float32]) -> NDArray[np.float64]:
    if x == "epoch":
        return steps * (run.batch_size / run.train_images)
    return np.asarray(seconds if x == "time" else steps, np.float64)


def _seconds_at(store: Store, run: RunRecord, steps: NDArray[np.int64]) -> NDArray[np.float32]:
    clock = metrics.history(store, run.id, [], bands=BANDS)
    return np.interp(steps, clock.steps, clock.seconds).astype(np.float32)
