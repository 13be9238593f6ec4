"""A run that an earlier attempt of torchrun began: started again by --max-restarts, `train` resumes it to its goal."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from pipeline.command.answer import print_status
from pipeline.data.progress import ReadProgress
from pipeline.errors.processes import NothingToResume
from pipeline.nodes.checked_workflow import check_run
from pipeline.processes.launch import launched
from pipeline.runs.store import Store

if TYPE_CHECKING:
    from pipeline.engine.active_run import ActiveRun

BEGUN = "begun"


@dataclass(frozen=True)
class Begun:
    """run: its id. goal: the step up to which the command trains it."""

    run: str
    goal: int


def remember(run: str, goal: int) -> None:
    """Let later attempts of these processes know the run; nothing happens in a process that was started alone."""
    if launched() is None:
        return
    from pipeline.processes.group import current

    if (group := current()) is not None:
        group.remember(BEGUN, asdict(Begun(run, goal)))


def begun() -> Begun | None:
    """The run that an earlier attempt of these processes began; None if this is the first, or it had begun none.

    Raises NothingToResume if that cannot be known.
    """
    if launched() is None:
        return None
    from pipeline.processes.group import current

    group = current()
    if group is None:
        return None
    # Not by the number of restarts: of several agents, only that whose process has died counts it.
    found = group.remembered(BEGUN)
    if found is None and group.launch.restarts and not group.launch.kept:
        raise NothingToResume
    return None if found is None else Begun(**found)


def resuming(earlier: Begun) -> "Callable[[Store, ReadProgress], ActiveRun]":
    """Return a function that resumes this run."""

    def resume(store: Store, progress: ReadProgress) -> "ActiveRun":
        from pipeline.engine.foreground_run import user_name
        from pipeline.engine.resuming import resume

        workflow = check_run(store.run(earlier.run), "resume it")
        active = resume(store, earlier.run, workflow, user_name(), progress)
        print_status(next(event.text for event in reversed(store.events(active.id)) if event.kind == "resumed"))
        return active

    return resume
