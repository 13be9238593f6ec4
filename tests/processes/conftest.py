"""A leader and a follower in one process: each in its own thread, with a queue for a line and a store in memory.

Neither shares its batch, so that they need no collective operation: what is tested is who does what, and when.
"""

import queue
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from torch._C._distributed_c10d import HashStore

from pipeline.graph import edit
from pipeline.nodes.assemble import assemble
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.checked_workflow import CheckedWorkflow, check_workflow
from pipeline.processes import following
from pipeline.processes.following import Follower
from pipeline.processes.group import Group
from pipeline.processes.introduction import Introduction
from pipeline.processes.launch import Launch
from pipeline.processes.leading import LeadingTrainer, leading
from pipeline.ranks.ranks import Ranks
from pipeline.studio.workflows import open_template

SETTINGS = (
    "data.dataset=digits", "generator.image_size=8", "generator.hidden=16", "discriminator.hidden=16",
    "discriminator.dropout=0",  # Its random numbers are those of the whole process, which two threads would share.
    "training.batch_size=8", "training.total_steps=30", "training.device=cpu", "training.threads=1",
)  # fmt: skip


class QueueLine:
    """A line within this process. heard: the announcements, in order."""

    def __init__(self) -> None:
        self._queue: queue.Queue[bytes] = queue.Queue()

    def send(self, content: bytes) -> None:
        self._queue.put(content)

    def receive(self) -> bytes:
        return self._queue.get(timeout=60)


class Pair:
    """group: of the leader. follower: carries out what it announces, in a thread. heard: what that was. code: the exit
    code of the follower; None while it lives."""

    def __init__(self) -> None:
        line, store = QueueLine(), HashStore()
        people = [Introduction(rank, f"host-{rank}", 1, "1", "2", "3", "", "/home") for rank in range(2)]
        self.group, self._theirs = (
            Group(Launch(rank, 2), Ranks(rank, 2), line, store, store, people) for rank in range(2)
        )
        self.follower = Follower(self._theirs)
        self.heard: list[str] = []
        self.code: int | None = None
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        """End the follower and wait for it."""
        self.group.end(0)
        self._thread.join(60)

    def _follow(self) -> None:
        while self.code is None:
            message = self._theirs.hear()
            self.heard.append(message["do"])
            self.code = self.follower.obey(message)


@pytest.fixture
def checked() -> CheckedWorkflow:
    return check_workflow(edit.apply_settings(open_template("mlp-gan"), SETTINGS, NODES))


@pytest.fixture
def pair(monkeypatch: pytest.MonkeyPatch, home: Path) -> Iterator[Pair]:
    """A group of two that each compute the whole batch."""
    monkeypatch.setattr(following, "assemble", lambda workflow, home, together, ranks: assemble(workflow, home))
    made = Pair()
    made.start()
    yield made
    if made.code is None:
        made.group.broken = False
        made.end()


@pytest.fixture
def lead(pair: Pair, checked: CheckedWorkflow, home: Path) -> Callable[[], LeadingTrainer]:
    """Build the run in both, and return the leader's trainer."""

    def make() -> LeadingTrainer:
        torch.set_num_threads(1)
        experiment = assemble(checked, home)
        return leading(experiment, pair.group, checked.text, False, lambda *_: None)

    return make
