"""The queue in the training engine: starts the next run when the loaded one has ended.

A loaded run gives way when it has finished or failed. One that is paused is in a user's hands and stays, with two
exceptions: a run of the queue in which a value became NaN or infinite, unless a user has sent a command since; and
`StartNext`, by which a user asks for it. Commands go first: one that arrives while a run of the queue is being prepared
stops the preparation, and the run waits again.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from pipeline.engine.run_commands import RUN_COMMANDS, Handler
from pipeline.engine.session import Session
from pipeline.errors.base import GenscopeError
from pipeline.errors.data import ReadingStopped
from pipeline.errors.machine import HomeTrouble
from pipeline.errors.training import EngineByHand, EngineReplaced, NeedsProcesses
from pipeline.runs import queue, queue_changes
from pipeline.runs.discarding import discard
from pipeline.runs.queue_rows import Entry
from pipeline.runs.queue_turn import turn, turn_now
from pipeline.runs.store import Store
from pipeline.runtime.messages.commands import Command, Resume, Start, StartNext

LOOK_SECONDS = 0.5
"""Time between two looks at the queue: a run that is to start at a time starts within a second of it."""
GIVES_WAY = ("idle", "finished", "failed")


class WaitingRuns:
    """The queue, as one training engine works through it."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._due = False
        self._look_at = 0.0
        self._given_up = ""

    @property
    def due(self) -> bool:
        """Whether the next run has to be started: one may start, and the loaded run gives way. Looks at the queue every
        LOOK_SECONDS."""
        if not self._gives_way() or self._session.snapshot.successor:
            return False
        if time.monotonic() >= self._look_at:
            self._look_at, self._due = time.monotonic() + LOOK_SECONDS, False
            # A database that cannot be read now can perhaps be read later.
            with suppress(GenscopeError):
                self._due = queue.due(self._session.store, time.time())
        return self._due

    def look_soon(self) -> None:
        """Look at the queue as soon as the device is free, without waiting LOOK_SECONDS."""
        self._look_at = 0.0

    def start_next(self, interrupted: Callable[[], bool]) -> None:
        """Start the next run, unless another process trains one. Raises nothing: what goes wrong is recorded with the
        entry. interrupted: whether to put it off."""
        self._due = False
        with suppress(GenscopeError), _stopping_too(self._session, interrupted), turn(self._session.store) as entry:
            if entry is not None:
                self.look_soon()
                start_entry(self._session, entry, entry.who, put_off=interrupted)
        # What is paused now is the run that gave way, since the next was refused, or one that could not be resumed.
        self._given_up = self._session.snapshot.run if self._session.snapshot.state == "paused" else ""

    def give_up(self, run: str, why: str) -> None:
        """Let a run of the queue give way that cannot be trained on without a user."""
        with suppress(GenscopeError):
            self._given_up = run if queue.note_stop(self._session.store, run, why) else ""

    def taken_over(self) -> None:
        """A user has sent a command: the loaded run, if it is paused, stays."""
        self._given_up = ""

    def _gives_way(self) -> bool:
        snapshot = self._session.snapshot
        return snapshot.state in GIVES_WAY or (snapshot.state == "paused" and snapshot.run == self._given_up != "")


def start_next(session: Session, command: StartNext) -> None:
    with turn_now(session.store, command.entry) as entry:
        start_entry(session, entry, command.who, switch=True)


QUEUE_COMMANDS: Mapping[type[Command[Any]], Handler] = {StartNext: start_next}


def start_entry(
    session: Session, entry: Entry, who: str, *, switch: bool = False, put_off: Callable[[], bool] = lambda: False
) -> None:
    """Start or resume the run of an entry that was taken from the queue.

    switch: pause and save a run that is being trained. put_off: whether a stopped preparation was stopped because there
    is something else to do first; otherwise a user stopped it. Raises GenscopeError, recorded with the entry.
    """
    command: Start | Resume
    if entry.complete:
        # Nothing is left to do; `take` has marked it as started.
        return
    if entry.run is None:
        text = queue.workflow_text(session.store, entry.id)
        command = Start(workflow=text, name=entry.name, who=who, switch=switch)
    else:
        command = Resume(run=entry.run, who=who, switch=switch)
    try:
        RUN_COMMANDS[type(command)](session, command)
    except GenscopeError as error:
        settle(session.store, entry, error, put_off=put_off())
        raise
    except BaseException as error:
        failure = session.refused(command, error)
        settle(session.store, entry, failure)
        raise failure from error
    queue.became(session.store, entry.id, session.snapshot.run)
    # Before its first slice, so that no other process starts one meanwhile.
    session.store.update(session.snapshot.run, state="running")


def settle(store: Store, entry: Entry, error: GenscopeError, *, put_off: bool = False) -> None:
    """Record with an entry that was taken why it did not start; the queue goes on with the next one.

    A stopped preparation is not a refusal: the entry waits again and, if a user stopped it, is held. A home that cannot
    be written holds the whole queue, or every run in it would fail in turn. A run for another number of processes waits
    for an engine that has as many, or is held where none can take over. put_off: as for `start_entry`.
    """
    # If this cannot be recorded either, the entry is found without a run later.
    with suppress(GenscopeError):
        if isinstance(error, ReadingStopped):
            if entry.run is None and error.failed_run:
                discard(store, error.failed_run)
            queue.let_go(store, entry.id, held="" if put_off else str(error))
        elif isinstance(error, EngineReplaced):
            # The engine that takes over takes it first.
            queue.let_go(store, entry.id)
        elif isinstance(error, EngineByHand | NeedsProcesses):
            queue.let_go(store, entry.id, held=str(error))
        elif isinstance(error, HomeTrouble):
            queue_changes.hold_all(store, "Genscope")
            queue.let_go(store, entry.id, held=str(error))
        else:
            queue.refuse(store, entry.id, str(error), error.failed_run or entry.run)


@contextmanager
def _stopping_too(session: Session, interrupted: Callable[[], bool]) -> Iterator[None]:
    """Let what the session prepares be stopped by what interrupts training too."""
    before = session.stopping
    session.stopping = lambda: before() or interrupted()
    session.preparing.stopping = session.stopping
    try:
        yield
    finally:
        session.stopping = before
