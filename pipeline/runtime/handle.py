"""The server's handle to an engine, used by pages. Torch-free; the device belongs to the engine.

    handle = TrainerHandle(home)      # connects to the running engine or starts one; returns at once
    handle.snapshot                   # the newest snapshot; never waits
    handle.ask(Pause())               # waits for the engine's answer; raises if it was refused

Closing a handle only closes its link. The engine continues for ten seconds, in which another handle can connect, then
saves and exits. So a killed server leaves a checkpoint and no process. An engine that makes room for one with another
number of processes is replaced by that one, and commands that it did not carry out are asked again.
"""

import itertools
import queue
import subprocess
import sys
import threading
import traceback
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from pipeline.errors.base import Fault, GenscopeError
from pipeline.errors.messages import MalformedReply, NotJSON
from pipeline.errors.training import CommandRefused, EngineGone, EngineReplaced
from pipeline.runtime.address import Address
from pipeline.runtime.launcher_log import who_ended
from pipeline.runtime.link import EngineLink, LinkClosed
from pipeline.runtime.messages.answer import Answer
from pipeline.runtime.messages.answers import Refused
from pipeline.runtime.messages.commands import AnswerT, Command
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.runtime.messages.wire import Message, read_reply, write
from pipeline.runtime.start import find_or_start, log_of

START_SECONDS = 150.0
"""Until a link stands: more than starting an engine of several processes may take."""
LAUNCHER_SECONDS = 10.0
"""Until torchrun, whose process has ended, has ended the others and written its report."""
MOST_ENGINES = 3
"""How many engines a command is asked of, each of which makes room for the next: two users may want different ones."""


class TrainerHandle:
    """A link to one engine, served by a background thread. Any thread may read `snapshot` and call `ask`."""

    def __init__(self, home: Path, role: str = "train") -> None:
        self.address = Address(home, role)
        self.snapshot = Snapshot()
        self._numbers = itertools.count(1)
        self._waiting: dict[int, queue.SimpleQueue[Answer | GenscopeError]] = {}
        self._lock = threading.RLock()
        self._link: EngineLink | None = None
        self._closed = False
        self._complained = False
        self._processes = 1
        self._begin()

    def ask(self, command: Command[AnswerT], timeout: float = 30.0) -> AnswerT:
        """Send a command and wait for its answer; if the engine has ended, start a new one first.

        timeout: seconds. Raises CommandRefused if the engine refused it or failed, EngineGone if no engine answers,
        MalformedReply if the answer cannot be read.
        """
        for _ in range(MOST_ENGINES):
            link, lost = self._living_link()
            answer = self._answer(link, replace(command, number=next(self._numbers)), timeout)
            if not (isinstance(answer, Refused) and answer.error == EngineReplaced.__name__):
                break
            # It ends once it has saved its run.
            lost.wait(START_SECONDS)
        if isinstance(answer, GenscopeError):
            raise answer
        if isinstance(answer, Refused):
            raise CommandRefused(answer.error, answer.sentence, answer.exit_code)
        if not isinstance(answer, command.answer_type()):
            raise MalformedReply(type(answer).__name__, f"it is not an answer to {command.kind}", command.number)
        return answer

    def close(self) -> None:
        """Close the link; the engine is not stopped."""
        self._closed = True
        with self._lock:
            if self._link is not None:
                self._link.close()

    def _answer(self, link: EngineLink, command: Command[AnswerT], timeout: float) -> Answer | GenscopeError:
        """The answer of the engine at this link. Raises EngineGone."""
        answers: queue.SimpleQueue[Answer | GenscopeError] = queue.SimpleQueue()
        self._waiting[command.number] = answers
        try:
            link.send(write(command))
            return answers.get(timeout=timeout)
        except LinkClosed as error:
            raise EngineGone(self.snapshot.trouble or "its link was closed") from error
        except queue.Empty as error:
            raise EngineGone(self.snapshot.trouble or f"no answer within {timeout:.0f} seconds") from error
        finally:
            self._waiting.pop(command.number, None)

    def _begin(self) -> None:
        self._attached, self._lost = threading.Event(), threading.Event()
        threading.Thread(target=self._attend, name=f"genscope-{self.address.role}-link", daemon=True).start()

    def _living_link(self) -> tuple[EngineLink, threading.Event]:
        """Wait for the link; start a new engine first if the last one has ended. The event is set when the link has
        ended too. Raises EngineGone."""
        with self._lock:
            if self.snapshot.engine == "gone":
                self.snapshot = replace(self.snapshot, version=self.snapshot.version + 1, engine="starting", trouble="")
                self._begin()
        while True:
            attached, lost = self._attached, self._lost
            in_time = attached.wait(START_SECONDS)
            with self._lock:
                if self._link is not None and self._lost is lost:
                    return self._link, lost
            if not in_time or self.snapshot.engine == "gone":
                raise EngineGone(self.snapshot.trouble or "it did not start")

    def _attend(self) -> None:
        """Body of the background thread: connect, then process messages until the link ends."""
        process: subprocess.Popen[bytes] | None = None
        try:
            link, process = find_or_start(self.address, self._processes)
            with self._lock:
                self._link = link
            if self._closed:
                link.close()
            self._attached.set()
            while True:
                self._take(link.receive())
        except EngineGone as error:
            # The next attempt is not to fail for the same reason: one process always fits.
            self._processes, reason = 1, error.reason
        except NotJSON as error:
            link.close()
            reason = str(error)
        except LinkClosed:
            reason = self._how_it_ended(process)
        except (Fault, OSError) as error:
            # For example no folder for the socket, or no memory for the process: pages have to show that too.
            reason = f"it could not be started: {error}"
        except Exception as error:  # noqa: BLE001 - a thread that ends without a reason leaves its page waiting
            traceback.print_exc()
            reason = f"its link failed, a bug in Genscope: {type(error).__name__}: {error}"
        self._lose(reason)

    def _take(self, message: Message) -> None:
        try:
            reply = read_reply(message)
        except MalformedReply as error:
            self._take_malformed(error)
            return
        if isinstance(reply, Snapshot):
            now = self.snapshot
            if reply.engine == now.engine == "starting":
                # It does not know yet why it was started.
                reply = replace(reply, state=now.state, doing=now.doing, who=now.who)
            self.snapshot = reply
        elif answers := self._waiting.get(reply.number):
            answers.put(reply)

    def _take_malformed(self, error: MalformedReply) -> None:
        """Keep the last snapshot that could be read; a command whose answer cannot be read fails."""
        if error.kind == "snapshot":
            if not self._complained:
                sys.stderr.write(f"{error}\n")
            self._complained = True
            return
        # Without a number it could be the answer to any command, so all waiting commands fail.
        for number, answers in list(self._waiting.items()):
            if error.number in (None, number):
                answers.put(error)

    def _lose(self, reason: str) -> None:
        with self._lock:
            self._link = None
            last, attached, lost = self.snapshot, self._attached, self._lost
            error: GenscopeError = EngineGone(reason)
            if last.successor and not self._closed:
                error = EngineReplaced(last.successor)
                self._succeed(last)
            else:
                state = "idle" if last.engine == "starting" else last.state
                self.snapshot = replace(last, version=last.version + 1, engine="gone", state=state, trouble=reason)
            for answers in list(self._waiting.values()):
                answers.put(Refused.by(error))
        attached.set()
        lost.set()

    def _succeed(self, last: Snapshot) -> None:
        """Start the engine that takes over from the last one, and show that it is being started."""
        self._processes = last.successor
        count = last.successor
        doing = "Starting an engine with 1 process" if count == 1 else f"Starting an engine with {count:,} processes"
        self.snapshot = Snapshot(
            version=last.version + 1,
            processes=last.successor,
            devices=last.devices,
            state="building",
            doing=doing,
            who=last.who,
        )
        self._begin()

    def _how_it_ended(self, process: subprocess.Popen[bytes] | None) -> str:
        """Why a link ended, in words. Also reaps the engine process if this process started it, to leave no zombie."""
        trouble, several = self.snapshot.trouble, self.snapshot.processes > 1
        if process is None:
            return trouble or "its link was closed"
        try:
            code = process.wait(timeout=LAUNCHER_SECONDS if several else 2)
        except subprocess.TimeoutExpired:
            return trouble or "its link was closed"
        found = ""
        # Whoever deletes the home also deletes the log.
        with suppress(OSError):
            found = who_ended(log_of(self.address).read_text(errors="replace")) if several else ""
        # A signal, such as that of a full memory, tells more than what the engine noticed.
        words = found if "signal" in found else trouble or found
        return words or (f"signal {-code}" if code < 0 else f"exit code {code}")
