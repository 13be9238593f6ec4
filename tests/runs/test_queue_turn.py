"""Which process may start the next run of the queue."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.errors.queue import QueueBusy
from pipeline.runs import queue, queue_changes
from pipeline.runs.queue_changes import Waiting
from pipeline.runs.queue_turn import find_lost, trained_elsewhere, turn, turn_now
from pipeline.runs.store import RunRecord, Store
from tests.runs.databases import sqlite_only

PREPARE = """
import sys
from pathlib import Path
from pipeline.runs.queue_turn import turn
from pipeline.runs.store import Store
with Store(Path(sys.argv[1]), sys.argv[2]) as store, turn(store) as entry:
    print(entry.name, flush=True)
    sys.stdin.read()
"""

TRAIN = """
import sys
from pathlib import Path
from pipeline.runs.lock import RunLock
from pipeline.runs.store import Store
with Store(Path(sys.argv[1]), sys.argv[2]) as store, RunLock(store.files(sys.argv[3])):
    store.update(sys.argv[3], state="running")
    print("trains", flush=True)
    sys.stdin.read()
"""

Process = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def process(tmp_path: Path, database: str) -> Process:
    """`process(script, ...)`: another process that has printed a line and waits for the end of its input."""

    def begin(script: str, *arguments: str) -> "subprocess.Popen[str]":
        where = [str(tmp_path), database, *arguments]
        started = subprocess.Popen(
            [sys.executable, "-c", script, *where], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        started.stdout.readline()
        return started

    return begin


@pytest.fixture
def two(store: Store) -> list[str]:
    return queue_changes.add(store, [Waiting("a", "{}"), Waiting("b", "{}")], "Ada")


def test_while_one_process_prepares_a_run_no_other_starts_one_and_if_it_dies_its_entry_is_given_up(
    store: Store, two: list[str], process: Process
):
    with process(PREPARE) as other:
        with turn(store) as entry:
            assert entry is None
        with pytest.raises(QueueBusy), turn_now(store):
            raise AssertionError("unreachable")
        find_lost(store)
        assert queue.entry(store, two[0]).state == "started"
        other.kill()
    find_lost(store)
    assert queue.entry(store, two[0]).state == "refused"
    with turn(store) as entry:
        assert entry.name == "b"


@sqlite_only
def test_the_next_run_waits_while_another_process_on_this_machine_trains(
    store: Store, two: list[str], process: Process, new_run: Callable[..., RunRecord]
):
    run = new_run().id
    with process(TRAIN, run) as other:
        assert trained_elsewhere(store).id == run
        with turn(store) as entry:
            assert entry is None
        # A user may want it all the same.
        with turn_now(store) as entry:
            assert entry.name == "a"
        queue.refuse(store, two[0], "not now")
        other.kill()
    # It is still recorded as running.
    assert trained_elsewhere(store) is None
    with turn(store) as entry:
        assert entry.name == "b"
