"""Replace the run that the engine has loaded: by `start`, `resume`, `fork` and `reproduce`.

They do so only if it is not training, or if the command says `switch`. A run for another number of processes needs
another engine: this one then saves its run and ends, and the server starts its successor and asks it again.
"""

from collections.abc import Callable

from pipeline.data.progress import ReadProgress
from pipeline.engine.active_run import ActiveRun
from pipeline.engine.build_progress import Preparing
from pipeline.engine.session import Session
from pipeline.errors.training import EngineBusy, EngineByHand, EngineReplaced
from pipeline.runtime.messages.commands import Fork, Reproduce, Resume, Start


def replace_run(
    session: Session,
    command: Start | Resume | Fork | Reproduce,
    verb: str,
    processes: int,
    make: Callable[[ReadProgress], ActiveRun],
) -> None:
    """Replace the loaded run by the one that `make` returns, and that so many processes train.

    Raises EngineBusy, EngineByHand, EngineReplaced if an engine with so many processes has to take over, and what
    `make` raises.
    """
    if session.loaded is not None:
        run, now = session.loaded.run, session.snapshot
        if session.busy and not command.switch and command.run != run.id:
            raise EngineBusy(run.id, run.record.name, now.who)
    fits = processes == session.kind.processes
    if not fits and session.kind.by_hand:
        raise EngineByHand(session.kind.processes, processes)
    if session.loaded is not None:
        session.release_run(command.who)
    if not fits:
        session.change(state="idle", run="", successor=processes, who=command.who, error="", active="")
        raise EngineReplaced(processes)
    session.change(state="building", run="", doing=f"Preparing to {verb}", who=command.who, error="", active="")
    session.publish(session.snapshot)
    try:
        run = make(Preparing(session.say_doing, session.stopping))
    except BaseException as error:
        session.show_failed_start(error)
        raise
    session.adopt(run)
    # The run is prepared, even if the rest of the command is refused.
    session.change(state="paused", until=None)
