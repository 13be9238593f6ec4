"""The training engine: carries out commands, and trains slice by slice between them.

One engine trains one run, that of its session; when it has ended, the next one of the queue. The handlers of the
commands are in `run_commands.py`, `debug_commands.py` and `waiting_runs.py`.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch

from pipeline.engine.debug_commands import DEBUG_COMMANDS
from pipeline.engine.engine_kind import ALONE, EngineKind
from pipeline.engine.foreground_run import FAULTS
from pipeline.engine.run_commands import RUN_COMMANDS, Handler
from pipeline.engine.session import Session
from pipeline.engine.waiting_runs import QUEUE_COMMANDS, WaitingRuns
from pipeline.errors.base import GenscopeError
from pipeline.errors.machine import HomeTrouble
from pipeline.errors.messages import UnknownCommand
from pipeline.errors.processes import LostProcess
from pipeline.errors.runs import UnknownRun
from pipeline.runtime.messages.answers import AnyAnswer, Done
from pipeline.runtime.messages.commands import Command
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.runtime.messages.wire import AnyCommand

HANDLERS: Mapping[type[Command[Any]], Handler] = {**RUN_COMMANDS, **DEBUG_COMMANDS, **QUEUE_COMMANDS}
"""The handler of each command type of the training engine."""


class TrainingWorker:
    """Carries out commands and trains. session: the loaded run and its snapshot."""

    def __init__(
        self,
        home: Path,
        publish: Callable[[Snapshot], None],
        stopping: Callable[[], bool] = lambda: False,
        kind: EngineKind = ALONE,
    ) -> None:
        """publish: sends a snapshot to every browser. stopping: whether long work has to be cancelled. kind: of the
        engine."""
        self.session = Session(home, publish, stopping, kind)
        self._waiting = WaitingRuns(self.session)

    @property
    def snapshot(self) -> Snapshot:
        return self.session.snapshot

    @property
    def busy(self) -> bool:
        """Whether it trains, or the next run of the queue has to be started."""
        return self.session.busy or self._waiting.due

    @property
    def finished(self) -> bool:
        """Only if its processes have failed apart: otherwise it ends with the server."""
        return self.session.apart

    def warm_up(self) -> None:
        """Create an optimizer: the first one imports torch's compiler, which takes 2.5 s."""
        torch.optim.Adam([torch.zeros(1, requires_grad=True)])

    def obey(self, command: AnyCommand) -> AnyAnswer:
        """Carry out a command. Raises GenscopeError if it is refused or fails."""
        self.session.preparing.stopping = self.session.stopping
        self._waiting.taken_over()
        handler = HANDLERS.get(type(command))
        if handler is None:
            raise UnknownCommand("The trainer", command.kind, command.number)
        try:
            answer = handler(self.session, command)
        except HomeTrouble:
            # The command may have trained a step before.
            self.session.change()
            raise
        except LostProcess as error:
            self.session.lose(error)
            raise
        except GenscopeError:
            raise
        except BaseException as error:
            raise self.session.refused(command, error) from error
        return answer or Done(run=self.snapshot.run, step=self.snapshot.step)

    def advance(self, interrupted: Callable[[], bool]) -> None:
        """Train one slice, then handle the end of a chunk or of the run, a stop by a condition, or a failure. If no run
        is trained, start the next one of the queue.

        An error of any kind fails the run, or pauses it if the home cannot be used, and never ends the engine.
        """
        session = self.session
        if not session.busy:
            self._waiting.start_next(interrupted)
            return
        self._waiting.look_soon()
        trainer = session.debugger("Training").run.trainer
        try:
            with trainer.blamed(trainer.experiment.node, "train"):
                self._advance(interrupted)
        except (HomeTrouble, UnknownRun) as error:
            # What is in memory is whole: a user mends the home, and goes on.
            session.pause_for(error)
        except LostProcess as error:
            session.lose(error)
        except GenscopeError as error:
            session.fail(error)

    def _advance(self, interrupted: Callable[[], bool]) -> None:
        session = self.session
        session.preparing.stopping = interrupted
        if session.walking is not None:
            session.continue_walk(interrupted)
            return
        debugger = session.debugger("Training")
        run = debugger.run
        until = session.snapshot.until or run.total_steps
        if run.step < until:
            # Not at its end, if only that has still to be saved and recorded.
            debugger.advance(until, interrupted, stop_on_conditions=not session.rewinding)
        session.tell()
        if debugger.profile is not None and (debugger.profile.ended or run.step >= run.total_steps):
            session.publish(session.snapshot)
            debugger.end_profile()
            session.change()
        if debugger.stop_kind or (session.rewinding and run.step >= until):
            session.halt()
            if debugger.stop_kind in FAULTS:
                self._waiting.give_up(run.id, debugger.stopped)
        elif run.step >= run.total_steps and not session.rewinding:
            run.finish()
            session.change(state="finished", until=None)
        elif run.step >= until:
            session.halt()
        elif request := run.asked_to_pause():
            # Requested by a server on another machine with the same home.
            session.halt(request.who)

    def close(self) -> None:
        """Save and release the loaded run; another engine can resume it."""
        self.session.close()
