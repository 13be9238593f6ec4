"""What the training engine does: it obeys commands, trains slice by slice between them, and tells what came of it.

One engine trains one run, that of its session. The commands themselves are in `run_commands.py` (a run's life) and
`debug_commands.py` (the debugger's).
"""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch

from pipeline.engine.debug_commands import DEBUG_ORDERS
from pipeline.engine.run_commands import ORDERS
from pipeline.engine.session import Session
from pipeline.errors.base import Fault, GenscopeError, Refusal
from pipeline.errors.machine import CannotWrite
from pipeline.runtime.messages import Answer, Command, Snapshot
from pipeline.training.node_errors import reason
from pipeline.training.threads import best_thread_count


class TrainingWorker:
    """Obeys and trains. session: the run that it does it to."""

    def __init__(
        self, home: Path, publish: Callable[[Snapshot], None], stopping: Callable[[], bool] = lambda: False
    ) -> None:
        """publish: tells every browser. stopping: whether what takes long is to end, because somebody said so."""
        self.session = Session(home, publish, stopping)

    @property
    def snapshot(self) -> Snapshot:
        return self.session.snapshot

    @property
    def busy(self) -> bool:
        return self.session.busy

    def warm_up(self) -> None:
        """Making the first optimizer imports torch's compiler (2.5 s); the best thread count is measured once."""
        torch.optim.Adam([torch.zeros(1, requires_grad=True)])
        # A home that cannot be written is said when a run is started in it.
        with contextlib.suppress(CannotWrite):
            best_thread_count(self.session.store.home)

    def obey(self, command: Command) -> Answer:
        """Raises GenscopeError where the command is refused or fails."""
        order = ORDERS.get(command.kind) or DEBUG_ORDERS.get(command.kind)
        if order is None:
            raise Refusal(f"The trainer knows no command {command.kind!r}.")
        answer = order(self.session, command) or Answer(command.number)
        return replace(answer, values={"run": self.snapshot.run, "step": self.snapshot.step, **answer.values})

    def advance(self, interrupted: Callable[[], bool]) -> None:
        """One slice of the run, and what follows from it: the end of a chunk, of the run, or its failure."""
        session = self.session
        debugger = session.debugger("Training")
        run = debugger.run
        until = session.snapshot.until or run.total_steps
        try:
            stopped = debugger.advance(until, interrupted, stop_on_conditions=not session.going_back)
            session.tell()
            if stopped or (session.going_back and run.step >= until):
                session.halt()
            elif run.step >= run.total_steps and not session.going_back:
                run.finish()
                session.change(state="finished", until=None)
            elif run.step >= until:
                session.halt()
            elif request := run.asked_to_pause():
                # Of a server on another machine with the same home.
                session.halt(request.who)
        except GenscopeError as error:
            session.fail(error)
        except BaseException as error:  # noqa: BLE001 - whatever a node raises fails its run and never ends the engine
            session.fail(Fault(f"Training failed: {reason(error)}"))

    def close(self) -> None:
        """Saves the run under way and gives it free; the next engine takes it up from there."""
        self.session.close()
