"""Stored runs as pages show them: progress in words, events, checkpoints, the last sample grid."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa

from pipeline.errors.machine import CannotWrite
from pipeline.errors.runs import UnknownCheckpoint
from pipeline.formatting import ago, duration, number, place, remaining
from pipeline.nodes.phases import phase_at
from pipeline.runs import lock, pause_requests, watching
from pipeline.runs.pause_requests import PauseRequest
from pipeline.runs.store import RunRecord, State, Store
from pipeline.runtime.messages.snapshot import EngineState, RewindStatus, RunState, Snapshot
from pipeline.studio.family import family_of
from pipeline.studio.run.titles import event_text

_STILL: dict[State, RunState] = {
    # Recorded as running, but its process has died.
    "running": "paused",
    "interrupted": "paused",
    "paused": "paused",
    "finished": "finished",
    "failed": "failed",
}


def event_table(store: Store, run: str, limit: int = 50) -> pa.Table:
    """The last events of a run as a table, newest first. Raises UnknownRun."""
    record = store.run(run)
    events = store.events(run, limit)[::-1]
    return pa.table(
        {
            "Step": pa.array([event.step for event in events], pa.int64()),
            "When": pa.array([ago(event.time) for event in events], pa.string()),
            "Who": pa.array([event.who for event in events], pa.string()),
            "What": pa.array([event_text(record, event) for event in events], pa.string()),
        }
    )


def checkpoint_steps(store: Store, run: str) -> list[int]:
    """The steps that have a checkpoint, newest first. Raises UnknownRun."""
    return [step for step, _ in reversed(store.files(run).checkpoints())]


def checkpoint_time(store: Store, run: str, step: int) -> float:
    """When the checkpoint of this step was saved, in seconds since 1970. Raises UnknownRun or UnknownCheckpoint."""
    checkpoints = dict(store.files(run).checkpoints())
    try:
        return checkpoints[step].stat().st_mtime
    except (KeyError, FileNotFoundError):
        raise UnknownCheckpoint(run, step, checkpoints.keys() - {step}) from None


def stored_snapshot(store: Store, run: str) -> Snapshot:
    """A snapshot of a run that this server's engine has not loaded, read from the store. Raises UnknownRun.

    Another process may be training it: the command line, a Python script, a server on another machine. The snapshot
    then shows as much of its progress as is recorded.
    """
    record = store.run(run)
    now = _standing(store, record)
    grid = last_grid(store, run)
    saved = checkpoint_steps(store, run)
    return Snapshot(
        version=now.version,
        engine="ready",
        state=now.state,
        run=record.id,
        name=record.name,
        who=now.request.who if now.request else record.who,
        device=record.device,
        processes=record.processes,
        doing=now.doing(record),
        step=record.step,
        total_steps=record.total_steps,
        until=now.goal,
        seconds=record.seconds,
        images_per_second=record.images_per_second,
        saved=saved[0] if saved else None,
        active=record.error_node or "",
        head=record.step,
        watching=watching.load(store.files(run)),
        rewind=RewindStatus(checkpoints=tuple(reversed(saved)), first=record.parent_step or 0),
        error=record.error or "",
        held_by=now.held_by,
        samples_step=grid[0] if grid else 0,
        samples=grid[1] if grid else b"",
    )


def stored_mark(store: Store, run: str) -> tuple[int, int, EngineState]:
    """The `mark` of `stored_snapshot(store, run)`, without reading the rest of the snapshot. Raises UnknownRun."""
    return Snapshot(version=_standing(store, store.run(run)).version, engine="ready").mark


def running_elsewhere(store: Store, besides: str) -> list[RunRecord]:
    """The runs that other processes are training now, newest first. besides: a run to leave out, that of this server's
    engine."""
    return [
        record
        for record in store.recorded_as("running")
        if record.id != besides and _standing(store, record).state == "running"
    ]


@dataclass(frozen=True)
class _Standing:
    """The present state of a recorded run.

    held_by: the live process that owns it, in words, "" for none. goal: the step at which that will pause, None for the
    planned end. request: a request to pause it. version: differs for any two states of the run.
    """

    state: RunState
    held_by: str
    goal: int | None
    request: PauseRequest | None
    version: int

    def doing(self, record: RunRecord) -> str:
        """What its process is doing, in words."""
        if self.state != "running":
            return ""
        if self.request:
            return "Asked to pause"
        which = f" in {self.held_by}" if record.processes == 1 else f", the first of them {self.held_by}"
        return f"Training on {place(record.device, record.processes)}{which}, started"


def _standing(store: Store, record: RunRecord) -> _Standing:
    files = store.files(record.id)
    holder = None
    # The lock file may not be readable by this user.
    with suppress(CannotWrite):
        holder = lock.holder(files)
    if holder and not holder.alive:
        holder = None
    held_by = f"process {holder.pid} on {holder.host}" if holder else ""
    request = pause_requests.pending_request(files) if held_by else None
    state = "running" if held_by and record.state == "running" else _STILL[record.state]
    facts = (list(_STILL).index(record.state), int(bool(held_by)), int(request is not None))
    version = store.event_count(record.id)
    for fact, kinds in zip(facts, (len(_STILL), 2, 2), strict=True):
        version = version * kinds + fact
    return _Standing(state, held_by, holder.goal if holder else None, request, version)


def last_grid(store: Store, run: str) -> tuple[int, bytes] | None:
    """Step and PNG of the run's newest sample grid, or None. Raises UnknownRun."""
    grids = store.files(run).grids()
    return (grids[-1][0], grids[-1][1].read_bytes()) if grids else None


@dataclass(frozen=True)
class RunProgress:
    """The progress of a run, in words. share: share of the planned steps that are done, 0 to 1. moving: whether the run
    advances, so that there is a time left. of_phase: whether that is the time left of the current phase only, because
    the speed of the next one is unknown."""

    epoch: str
    speed: str
    time: str
    left: str
    share: float
    sentence: str
    moving: bool
    of_phase: bool = False


def progress(record: RunRecord, snapshot: Snapshot) -> RunProgress:
    """The progress of a run. Reads only the constant fields of `record`, so an old record will do."""
    goal = snapshot.until or snapshot.total_steps
    phase = phase_at(family_of(record.workflow_text, record.data_text).phases, snapshot.step)
    of_phase = phase is not None and phase.last is not None and phase.last < goal
    if phase is not None and phase.last is not None:
        goal = min(goal, phase.last)
    moving = snapshot.engine == "ready" and snapshot.state == "running" and snapshot.images_per_second > 0
    speed = number(snapshot.images_per_second) if snapshot.images_per_second else "–"
    left = remaining((goal - snapshot.step) * record.batch_size / snapshot.images_per_second) if moving else "–"
    sentence = f"Step {snapshot.step:,} of {snapshot.total_steps:,}"
    if phase is not None:
        sentence += f" · {phase.place(snapshot.step, snapshot.total_steps)}"
    if snapshot.until and snapshot.state == "running":
        sentence += f" · this chunk ends at {snapshot.until:,}"
    if snapshot.preparing and snapshot.state == "running":
        sentence += f" · {snapshot.preparing[:1].lower()}{snapshot.preparing[1:]}"
    return RunProgress(
        epoch=f"{snapshot.step * record.batch_size / record.train_images:,.1f}",
        speed=speed,
        time=duration(snapshot.seconds),
        left=left,
        share=min(1.0, snapshot.step / max(1, snapshot.total_steps)),
        sentence=sentence,
        moving=moving,
        of_phase=of_phase,
    )


def table(records: Iterable[RunRecord]) -> pd.DataFrame:
    """Runs as a table: name, state, step, planned steps, images per second, start time, who started it, id."""
    return pd.DataFrame(
        [
            {
                "Name": record.name,
                "State": record.state,
                "Step": record.step,
                "Of": record.total_steps,
                "Images/s": round(record.images_per_second),
                "Started": pd.Timestamp(record.created, unit="s"),
                "By": record.who,
                "Run": record.id,
            }
            for record in records
        ]
    )
