"""What can be done to a run now, and the reason if nothing can, which disabled buttons show as their help."""

from pages.components.shell.state import trainer
from pipeline.runtime.messages.snapshot import RunState, Snapshot


def state_word(seen: Snapshot) -> RunState:
    """The run's state; "failed" if its engine is gone, whatever it last reported."""
    return "failed" if seen.engine == "gone" else seen.state


def loaded(seen: Snapshot) -> bool:
    """Whether the engine has this run loaded. Other runs are shown as they were stored."""
    return trainer().snapshot.run == seen.run


def blocked_because(seen: Snapshot, *, moving: bool = False) -> str:
    """Why a command cannot be given to the run now, or "". moving: the command is also possible during training."""
    if seen.engine == "starting":
        return "The engine is starting."
    if state_word(seen) == "failed":
        return "The run has failed. Resume it from its last checkpoint first."
    if seen.state in ("idle", "building"):
        return "The run is being prepared."
    if seen.held_by and seen.state == "running":
        return f"Another process trains this run ({seen.held_by}): pause it first."
    if seen.held_by:
        return f"Another process has this run open ({seen.held_by}): continue it there, or close it there first."
    if not loaded(seen):
        return "The run is not loaded. Load it first."
    if seen.state == "running" and not moving:
        return "The run is training. Pause it first."
    return ""


def complete(seen: Snapshot) -> bool:
    """Whether all planned steps are done. More steps can then be added."""
    return seen.state == "finished" or (seen.state == "paused" and seen.step >= seen.total_steps)


def half_walked(seen: Snapshot) -> bool:
    """Whether the run is between two stages of a step."""
    return seen.stage is not None and seen.stage.number < seen.stage.of
