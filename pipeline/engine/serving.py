"""The life of an engine's process: it serves an address, or follows the process that does.

    serve(Address(home(), "train"), key=lambda: "…")

Of several processes that torchrun has started, process 0 serves; the others follow it, and read neither key nor
database.
"""

import signal
import sys
from collections.abc import Callable
from contextlib import closing

from pipeline.engine.engine_kind import ALONE, EngineKind
from pipeline.engine.service import Service, Worker
from pipeline.engine.stop_signals import SIGNALS
from pipeline.errors.training import EngineRuns
from pipeline.formatting import visible_lines
from pipeline.processes.launch import Launch
from pipeline.runtime.address import Address
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.runtime.messages.wire import read_reply
from pipeline.runtime.start import find


def serve(address: Address, key: Callable[[], str], kind: EngineKind = ALONE) -> Snapshot:
    """Serve until there is nothing more to serve, as `Service.serve`. key: what clients authenticate with.

    Raises EngineRuns, before anything is done, if a user starts an engine where the home has one.
    """
    service = Service(address, key(), kind)
    # Listen before torch is imported, so that a server can connect at once and receives the state "starting".
    if kind.by_hand:
        with address.reserved():
            _require_free(address)
            service.listen()
    else:
        # The server that starts this process has reserved the address.
        service.listen()
    from pipeline.nodes.catalogue import CUSTOM_NODES

    # Standard error is the engine's log.
    sys.stderr.writelines(f"{visible_lines(sentence)}\n" for sentence in CUSTOM_NODES.report())
    return service.serve(_worker(address, service, kind))


def take_part(launch: Launch, lead: Callable[[], None]) -> int:
    """Join the processes that torchrun has started; lead them, or follow. Returns this one's exit code.

    lead: serves. Its end is the end of all. Raises what `join` and `lead` raise.
    """
    from pipeline.processes.following import follow
    from pipeline.processes.joining import join

    with join(launch) as group:
        if not group.leads:
            # torchrun sends signals to all; process 0, which finishes the step and saves, then ends the others.
            for number in SIGNALS:
                signal.signal(number, signal.SIG_IGN)
            return follow(group)
        code = 1
        try:
            lead()
            code = int(group.broken)
        finally:
            group.end(code)
        return code


def _require_free(address: Address) -> None:
    """Raises EngineRuns if an engine answers at this address."""
    link = find(address)
    if link is None:
        return
    with closing(link):
        # The first message of every engine.
        now = read_reply(link.receive())
    assert isinstance(now, Snapshot)
    raise EngineRuns(str(address.home), now.pid, by_hand=now.by_hand)


def _worker(address: Address, service: Service, kind: EngineKind) -> Worker:
    """The worker of this role."""
    if address.role == "draw":
        from pipeline.engine.drawing_worker import DrawingWorker

        return DrawingWorker(address.home, service.stopping, service.publish)
    if address.role == "evaluate":
        from pipeline.engine.evaluation_worker import EvaluationWorker

        return EvaluationWorker(address.home)
    from pipeline.engine.worker import TrainingWorker

    return TrainingWorker(address.home, service.publish, service.stopping, kind)
