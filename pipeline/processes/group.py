"""The processes of a run, as one of them sees them.

Process 0 leads: it announces what all do next. The others follow: they wait for announcements. After a fault that not
all have shared, the group is broken: nothing is announced any more, and every process ends.
"""

import json
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from torch._C._distributed_c10d import Store

from pipeline.data.progress import ReadProgress
from pipeline.errors.processes import FaultOfProcess, LeaderLost, LostProcess, RefusedByProcess
from pipeline.errors.training import NodeFailure
from pipeline.processes.introduction import Introduction
from pipeline.processes.launch import Launch
from pipeline.processes.line import Line
from pipeline.processes.watch import Pulse
from pipeline.processes.words import LAST, Words, connection_lost, replies, said, say
from pipeline.ranks.ranks import Ranks

AGREE_SECONDS = 5.0
"""How long a failed process waits for all others to say that they have failed too, as they do if a node is at fault."""
LOST_SECONDS = 1.0
"""The same, if a connection was lost: the others have spoken before they hung up."""

Message = Mapping[str, Any]
"""An announcement: `do`, what to do; `number`, of the announcement; and its details. `state`: bytes, with "restore"."""


class Group:
    """launch: which process this is. ranks: its share. store: the meeting point of this attempt; memory: what all
    attempts share. processes: who takes part. broken: whether processes have failed apart."""

    def __init__(
        self, launch: Launch, ranks: Ranks, line: Line | None, store: Store, memory: Store,
        processes: Sequence[Introduction],
    ) -> None:  # fmt: skip
        self.launch = launch
        self.ranks = ranks
        self.processes = tuple(processes)
        self.broken = False
        self._line, self._store, self._memory = line, store, memory
        self._number = 0

    @property
    def leads(self) -> bool:
        """Whether this process announces, records and saves."""
        return self.ranks.leads

    # What process 0 does.

    def announce(self, action: str, state: bytes | None = None, **details: Any) -> int:
        """Announce an action to all others, and return its number. Raises RuntimeError if a process is gone."""
        assert self._line is not None
        self._number += 1
        content = {"do": action, "number": self._number, **details}
        self._line.send(json.dumps(content).encode())
        if state is not None:
            self._line.send(state)
        return self._number

    def require_built(self, number: int, progress: ReadProgress, node: str = "", title: str = "") -> None:
        """Wait until every process has built what was announced under this number. node, title: as for `judged`.

        Raises RefusedByProcess if one refused it, FaultOfProcess if it failed, LostProcess if it is gone, and what
        `progress` raises.
        """
        doing, count, pulse = "Waiting for the other processes:", self.ranks.count, Pulse(self._store)

        def waiting(done: int) -> None:
            progress(doing, done + 1, count)
            if pulse.stopped(done + 1):
                raise self.lost(node, "begin", title, done + 1)

        for rank, words in replies(self._store, number, range(1, count), waiting):
            host = self.processes[rank].host
            if words.refused:
                raise RefusedByProcess(rank, host, words.sentence)
            if words.sentence:
                raise FaultOfProcess(rank, host, words.sentence, words.node, "be built")
        progress(doing, count, count)

    def judged(self, number: int, error: Exception, node: str, doing: str, title: str = "") -> Exception:
        """What to report of an action that has failed here: this error, or the one of another process behind it.

        node: the id of the training node, and title its title. If all processes have failed alike, they stay together;
        otherwise the group is broken.
        """
        lost = connection_lost(error)
        with suppress(RuntimeError):
            say(self._store, number, 0, Words(str(error)))
        found = self._said_by_all(number, LOST_SECONDS if lost else AGREE_SECONDS)
        if not lost and all(words is not None and not words.left for words in found.values()):
            return error
        self.broken = True
        behind = self._gone(found, node, doing, title)
        return behind if lost or isinstance(behind, FaultOfProcess) else error

    def lost(self, node: str, doing: str, title: str = "", rank: int = 0) -> NodeFailure:
        """What to report if an announcement has not reached all: the last words of a process that has ended, or that it
        has. rank: of that process; 0 if it is not known. The group is then broken."""
        self.broken = True
        silent = {rank: self._said(LAST, rank, LOST_SECONDS)} if rank else self._said_by_all(LAST, LOST_SECONDS)
        return self._gone(silent, node, doing, title)

    def end(self, code: int) -> None:
        """Let every process end with this exit code."""
        if not self.ranks.alone and not self.broken:
            with suppress(RuntimeError):
                self.announce("end", code=code)

    # What the others do.

    def hear(self) -> Message:
        """Wait for the next announcement. Raises LeaderLost."""
        assert self._line is not None
        try:
            message: dict[str, Any] = json.loads(self._line.receive())
            if message["do"] == "restore":
                message["state"] = self._line.receive()
        except RuntimeError as error:
            raise LeaderLost from error
        return message

    def say(self, number: int, words: Words) -> None:
        """Tell process 0 how an announcement went. Raises LeaderLost."""
        try:
            say(self._store, number, self.ranks.index, words)
        except RuntimeError as error:
            raise LeaderLost from error

    def leave(self, number: int, words: Words) -> None:
        """Tell process 0 that this process ends. Raises LeaderLost."""
        for each in (number, LAST):
            self.say(each, replace(words, left=True))

    def leader_failed(self, number: int) -> bool:
        """Whether process 0 says, within a while, that it has failed in the same announcement."""
        return self._said(number, 0, AGREE_SECONDS / 2) is not None

    # What is remembered when torchrun starts all processes again.

    def remember(self, name: str, content: Mapping[str, Any]) -> None:
        """Keep this for later attempts; without a store that outlives them it is lost."""
        with suppress(RuntimeError):
            self._memory.set(name, json.dumps(content))

    def remembered(self, name: str) -> Mapping[str, Any] | None:
        """What an earlier attempt has kept under this name; None if there is nothing."""
        found: Mapping[str, Any] | None = None
        with suppress(RuntimeError):
            if self._memory.check([name]):
                found = json.loads(self._memory.get(name))
        return found

    def _said_by_all(self, number: int, seconds: float) -> dict[int, Words | None]:
        """What each of the others has said about this announcement after these seconds, or else before it ended; by
        rank."""
        end = time.monotonic() + seconds
        found = {rank: self._said(number, rank, end - time.monotonic()) for rank in range(1, self.ranks.count)}
        return {rank: words or self._said(LAST, rank, 0) for rank, words in found.items()}

    def _gone(self, found: Mapping[int, Words | None], node: str, doing: str, title: str) -> NodeFailure:
        """That one of the others is gone, and why if it has said it. It is named only if it must be that one."""
        for rank, words in found.items():
            if words is not None and words.left and words.sentence:
                return FaultOfProcess(rank, self.processes[rank].host, words.sentence, words.node, doing)
        suspects = [rank for rank, words in found.items() if words is None] or list(found)
        process = f"process {suspects[0]} on {self.processes[suspects[0]].host}"
        return LostProcess(process if len(suspects) == 1 else "another process", node, doing, title)

    def _said(self, number: int, rank: int, seconds: float) -> Words | None:
        try:
            return said(self._store, number, rank, seconds)
        except RuntimeError:
            # The meeting point is gone too.
            return None


_joined: list[Group] = []


def current() -> Group | None:
    """The group that this process has joined; None if it trains alone."""
    return _joined[-1] if _joined else None


def process_count() -> int:
    """The number of processes that train a run in this group; 1 for a process alone."""
    group = current()
    return group.ranks.count if group is not None else 1


def set_current(group: Group | None) -> None:
    """Make this the group of this process, which `current` returns."""
    _joined[:] = [group] if group is not None else []
