"""The main loop of an engine process: accept links, queue commands, carry them out one by one between slices, and exit.

One thread accepts links, and one per link reads its commands into the inbox. Only the main thread carries out commands
and trains, so the trainer is never used by two threads. An engine without a link waits ten seconds for a new one (after
a restart of the server or a cleared cache), then finishes its step, saves and exits.
"""

import os
import queue
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Protocol

from pipeline.engine.engine_kind import ALONE, EngineKind
from pipeline.engine.link_writer import LinkWriter
from pipeline.errors.base import Fault, GenscopeError
from pipeline.errors.messages import MalformedCommand, NotJSON, UnknownCommand
from pipeline.formatting import describe_error
from pipeline.runtime.address import Address, Note, read_note
from pipeline.runtime.link import LinkClosed, admit, listen
from pipeline.runtime.messages.answers import AnyAnswer, Done, Refused
from pipeline.runtime.messages.commands import Cancel
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.runtime.messages.wire import AnyCommand, read_command

ORPHAN_SECONDS = 10.0
IDLE_SECONDS = 0.1


class Worker(Protocol):
    """The part of an engine that a service runs. Its methods are called only from the main thread."""

    @property
    def snapshot(self) -> Snapshot:
        """The current state, for every browser."""
        ...

    @property
    def busy(self) -> bool:
        """Whether `advance` has something to do."""
        ...

    @property
    def finished(self) -> bool:
        """Whether the process may end, because it has long had nothing to do."""
        ...

    def warm_up(self) -> None:
        """Do slow work that the first command would otherwise wait for; commands are queued meanwhile."""
        ...

    def obey(self, command: AnyCommand) -> AnyAnswer:
        """Carry out one command, any but `Cancel`. Raises GenscopeError if it is refused or fails."""
        ...

    def advance(self, interrupted: Callable[[], bool]) -> None:
        """Work for about half a second, or until `interrupted()`."""
        ...

    def close(self) -> None:
        """Save everything and release all resources."""
        ...


class Service:
    """One engine process at one address. kind: what its snapshots say of the engine itself."""

    def __init__(self, address: Address, key: str, kind: EngineKind = ALONE) -> None:
        self._address = address
        self._key = key
        self._kind = kind
        self._inbox: queue.Queue[tuple[LinkWriter, AnyCommand]] = queue.Queue()
        self._writers: set[LinkWriter] = set()
        self._alone_since: float | None = time.monotonic()
        self._links_lock = threading.Lock()
        self._ending = False
        self._left = False
        self._working = False
        self._stop_asked = threading.Event()
        self._snapshot = kind.shown(Snapshot())

    def listen(self) -> None:
        """Open the socket, write the note next to it and start accepting links."""
        self._address.open()
        self._listener = listen(self._address.socket)
        Note(os.getpid(), self._key).write(self._address.note)
        threading.Thread(target=self._accept, daemon=True).start()

    def serve(self, worker: Worker) -> Snapshot:
        """Carry out commands and work until a signal arrives, no server has been connected for ten seconds, the worker
        is finished, or another engine is to take over. Returns the last snapshot, that of the closed worker."""
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, self._on_signal)
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
            # The terminal of an engine that a user started was closed.
            signal.signal(signal.SIGHUP, self._on_signal)
        self.publish(worker.snapshot)
        try:
            worker.warm_up()
            while not self._ending and not self._orphaned() and not self._over(worker):
                self._turn(worker)
        finally:
            try:
                worker.close()
                self._tell(worker.snapshot)
            finally:
                self._leave()
        return self._snapshot

    def interrupted(self) -> bool:
        """Whether the worker has to return to the main loop. Called between two steps, so it must be cheap."""
        return self._ending or not self._inbox.empty() or self._orphaned()

    def stopping(self) -> bool:
        """Whether to cancel the current command: because of `Cancel` or a signal, or because no server is connected."""
        return self._ending or self._stop_asked.is_set() or self._orphaned()

    def publish(self, snapshot: Snapshot) -> None:
        """Send a snapshot to every connected server, without waiting for any, and to `EngineKind.told`."""
        self._tell(snapshot)
        self._kind.told(self._snapshot)

    def _tell(self, snapshot: Snapshot) -> None:
        with self._links_lock:
            self._snapshot = self._kind.shown(snapshot)
            for writer in self._writers:
                writer.tell(self._snapshot)

    def _turn(self, worker: Worker) -> None:
        try:
            writer, command = self._inbox.get_nowait() if worker.busy else self._inbox.get(timeout=IDLE_SECONDS)
        except queue.Empty:
            if worker.busy:
                self._advance(worker)
                self.publish(worker.snapshot)
            return
        answer = self._obey(worker, command)
        self.publish(worker.snapshot)
        writer.answer(answer)

    def _advance(self, worker: Worker) -> None:
        """Let the worker work. What it prepares by itself can be cancelled like a command."""
        self._working = True
        try:
            worker.advance(self.interrupted)
        finally:
            self._working = False
            if self._inbox.empty():
                # Otherwise the cancellation may be meant for the command that waits.
                self._stop_asked.clear()

    def _obey(self, worker: Worker, command: AnyCommand) -> AnyAnswer:
        self._working = True
        try:
            return replace(worker.obey(command), number=command.number)
        except GenscopeError as error:
            return Refused.by(error, command.number)
        except BaseException as error:  # noqa: BLE001 - one bad command must not end a training run; the user is told
            return Refused.by(Fault(f"{command.kind} failed: {describe_error(error)}."), command.number)
        finally:
            self._working = False
            self._stop_asked.clear()

    def _accept(self) -> None:
        while True:
            try:
                connection = self._listener.accept()
            except OSError:
                if self._left:
                    return
                # For example too many open files: training goes on, and a later client may succeed.
                time.sleep(IDLE_SECONDS)
                continue
            threading.Thread(target=self._attend, args=(connection,), daemon=True).start()

    def _attend(self, connection: Connection) -> None:
        """Body of the thread of a client. Its handshake is part of it, so that one client cannot keep others out."""
        try:
            writer = LinkWriter(admit(connection, bytes.fromhex(self._key)))
        except LinkClosed:
            return
        with self._links_lock:
            self._writers.add(writer)
            self._alone_since = None
            writer.tell(self._snapshot)
        self._read(writer)

    def _read(self, writer: LinkWriter) -> None:
        """Queue a link's commands until it ends. A malformed command is refused; only bad frames or bad JSON end it."""
        try:
            while True:
                message = writer.link.receive()
                try:
                    command = read_command(message)
                except (MalformedCommand, UnknownCommand) as error:
                    writer.answer(Refused.by(error, error.number))
                    continue
                if isinstance(command, Cancel):
                    self._cancel()
                    writer.answer(Done(number=command.number))
                else:
                    self._inbox.put((writer, command))
        except (LinkClosed, NotJSON):
            pass
        finally:
            with self._links_lock:
                self._writers.discard(writer)
                if not self._writers:
                    self._alone_since = time.monotonic()
            writer.link.close()
            writer.close()

    def _cancel(self) -> None:
        """Cancel the current command, or what the worker prepares by itself. If there is neither, do nothing, so that
        no later command is cancelled."""
        if self._working or not self._inbox.empty():
            self._stop_asked.set()

    def _over(self, worker: Worker) -> bool:
        """Whether the engine ends by itself. Commands that wait go to the engine that takes over, if there is one."""
        return bool(worker.snapshot.successor) or (worker.finished and self._inbox.empty())

    def _orphaned(self) -> bool:
        since = self._alone_since
        return not self._kind.by_hand and since is not None and time.monotonic() - since > ORPHAN_SECONDS

    def _on_signal(self, *_: object) -> None:
        self._ending = True

    def _leave(self) -> None:
        self._left = True
        self._listener.close()
        with self._links_lock:
            writers = list(self._writers)
        for writer in writers:
            writer.close()
        note = read_note(self._address.note)
        # Another engine may have started at this address while this one was saving.
        if note is not None and note.pid == os.getpid():
            self._address.note.unlink(missing_ok=True)
            self._address.socket.unlink(missing_ok=True)
