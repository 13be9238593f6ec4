"""What can be done to a run just now, and why not where it cannot: a button that is grey says so when pointed at."""

from pages.components.shell.state import trainer
from pipeline.runtime.messages import RunState, Snapshot


def state_word(seen: Snapshot) -> RunState:
    """The run's state; it has failed, whatever was last heard of it, where its process is no more."""
    return "failed" if seen.engine == "gone" else seen.state


def loaded(seen: Snapshot) -> bool:
    """Whether it is the run that the trainer has; others are shown as they were stored."""
    return trainer().snapshot.run == seen.run


def blocked_because(seen: Snapshot, *, moving: bool = False) -> str:
    """Why nothing can be done to the run now, in a sentence, or "". moving: of what can be done while it trains too."""
    if seen.engine == "starting":
        return "The trainer is starting."
    if state_word(seen) == "failed":
        return "The run has failed. Go on from its last checkpoint first."
    if seen.state in ("idle", "building"):
        return "The run is being prepared."
    if seen.held_by and seen.state == "running":
        return f"Another process trains this run ({seen.held_by}): pause it first."
    if seen.held_by:
        return f"Another process has this run open ({seen.held_by}): go on with it there, or close it there first."
    if not loaded(seen):
        return "The run is not loaded. Load it first."
    if seen.state == "running" and not moving:
        return "The run is moving. Pause it first."
    return ""


def complete(seen: Snapshot) -> bool:
    """Whether all planned steps are done; the run can be taken further then."""
    return seen.state == "finished" or (seen.state == "paused" and seen.step >= seen.total_steps)


def half_walked(seen: Snapshot) -> bool:
    """Whether a walk stands in the middle of a step."""
    return seen.stage is not None and seen.stage.number < seen.stage.of
