"""Which commands a run accepts now, and why not, which disabled buttons show as their help."""

from pages.components.shell.state import trainer
from pipeline.runtime.messages.snapshot import RunState, Snapshot


def state_word(snapshot: Snapshot) -> RunState:
    """The run's state; "failed" if its engine is gone, even if it last reported another one."""
    return "failed" if snapshot.engine == "gone" else snapshot.state


def loaded(snapshot: Snapshot) -> bool:
    """Whether the engine has this run loaded. Other runs are shown as they were stored."""
    return trainer().snapshot.run == snapshot.run


def elsewhere(snapshot: Snapshot) -> str:
    """That other processes have a run whose snapshot has `held_by`: Another process trains this run (process 12 on
    ada)."""
    alone = snapshot.processes == 1
    who = "Another process" if alone else f"{snapshot.processes:,} other processes"
    trains, has = ("trains", "has") if alone else ("train", "have")
    does = f"{trains} this run" if snapshot.state == "running" else f"{has} this run open"
    return f"{who} {does} ({snapshot.held_by if alone else f'the first is {snapshot.held_by}'})"


def blocked_because(snapshot: Snapshot, *, moving: bool = False) -> str:
    """Why the run accepts no command now, or "". moving: whether the command is also possible during training."""
    if snapshot.engine == "starting":
        return "The engine is starting."
    if state_word(snapshot) == "failed":
        return "The run has failed. Resume it from its last checkpoint first."
    if snapshot.state in ("idle", "building"):
        return "The run is being prepared."
    if snapshot.held_by:
        then = "pause it first" if snapshot.state == "running" else "continue it there, or close it there first"
        return f"{elsewhere(snapshot)}: {then}."
    if not loaded(snapshot):
        return "The run is not loaded. Load it first."
    if snapshot.state == "running" and not moving:
        return "The run is training. Pause it first."
    return ""


def all_steps_done(snapshot: Snapshot) -> bool:
    """Whether all planned steps are done. More steps can then be added."""
    if snapshot.stop_kind == "cannot write":
        # The last one has still to be saved and recorded.
        return False
    return snapshot.state == "finished" or (snapshot.state == "paused" and snapshot.step >= snapshot.total_steps)


def mid_step(snapshot: Snapshot) -> bool:
    """Whether the run is between two stages of a step."""
    return snapshot.stage is not None and snapshot.stage.number < snapshot.stage.of
