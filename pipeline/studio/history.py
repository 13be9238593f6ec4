"""What runs have left behind, as pages show it: progress in words, events, checkpoints, the last grid."""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa

from pipeline.errors.runs import UnknownCheckpoint
from pipeline.runs import watching
from pipeline.runs.store import RunRecord, State, Store
from pipeline.runtime.messages import RewindSeen, RunState, Snapshot
from pipeline.wording import ago, duration, number, remaining

_STILL: dict[State, RunState] = {
    # What is recorded as running is not under way here: its process has died, or belongs to another server.
    "running": "paused",
    "interrupted": "paused",
    "paused": "paused",
    "finished": "finished",
    "failed": "failed",
}


def event_table(store: Store, run: str, limit: int = 50) -> pa.Table:
    """The last events of a run as rows for a table, the newest first. Raises UnknownRun."""
    events = store.events(run, limit)[::-1]
    return pa.table(
        {
            "Step": pa.array([event.step for event in events], pa.int64()),
            "When": pa.array([ago(event.time) for event in events], pa.string()),
            "Who": pa.array([event.who for event in events], pa.string()),
            "What": pa.array([event.text for event in events], pa.string()),
        }
    )


def checkpoint_steps(store: Store, run: str) -> list[int]:
    """Steps of which a checkpoint is kept, the newest first. Raises UnknownRun."""
    return [step for step, _ in reversed(store.files(run).checkpoints())]


def checkpoint_time(store: Store, run: str, step: int) -> float:
    """When the checkpoint of this step was saved, in seconds since 1970. Raises UnknownRun, UnknownCheckpoint."""
    kept = dict(store.files(run).checkpoints())
    try:
        return kept[step].stat().st_mtime
    except (KeyError, FileNotFoundError):
        raise UnknownCheckpoint(run, step, kept.keys() - {step}) from None


def stored(store: Store, run: str) -> Snapshot:
    """A run that nobody is training, in the shape in which the engine would tell of it. Raises UnknownRun."""
    record = store.run(run)
    grid = last_grid(store, run)
    saved = checkpoint_steps(store, run)
    return Snapshot(
        engine="ready",
        state=_STILL[record.state],
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
        head=record.step,
        watching=watching.load(store.files(run)),
        rewind=RewindSeen(checkpoints=tuple(reversed(saved)), first=record.parent_step or 0),
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


def progress(record: RunRecord, now: Snapshot) -> Progress:
    """The run's way in words. Of its record only what never changes is read, so that it may be an old one."""
    goal = now.until or now.total_steps
    moving = now.engine == "ready" and now.state == "running" and now.images_per_second > 0
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
    """Runs as rows for a table: name, state, step, planned steps, images per second, start, who, id."""
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
