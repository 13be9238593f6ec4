"""The queue in the database: what is taken next, and what users change, by several processes at the same time."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors.queue import NothingWaits, NotPutBack, NotWaiting, UnknownEntry, UnknownSweep
from pipeline.runs import queue, queue_changes
from pipeline.runs.lock import RunLock
from pipeline.runs.queue_changes import Waiting
from pipeline.runs.store import Store
from tests.runs.databases import sqlite_only

NOW = 1_800_000_000.0
Queued = Callable[..., list[str]]


@pytest.fixture
def queued(store: Store) -> Queued:
    """`queued("a", "b", ...)`: entries with these names, added as Ada's; returns their ids."""

    def add(*names: str, **facts: Any) -> list[str]:
        return queue_changes.add(store, [Waiting(name, f'{{"name": "{name}"}}') for name in names], "Ada", **facts)

    return add


def waiting(store: Store) -> str:
    """The names of what waits, in order, joined."""
    return "".join(each.name for each in queue.entries(store) if each.state == "waiting")


def names_taken(store: Store, now: float = NOW) -> str:
    """Take what may start, and return the names, joined."""
    found = ""
    while (entry := queue.take(store, now)) is not None:
        found += entry.name
    return found


def test_entries_are_taken_in_their_order_and_once(store: Store, queued: Queued):
    queued("a", "b")
    queued("c", "d", first=True)
    assert waiting(store) == "cdab"
    entry = queue.take(store, NOW)
    assert (entry.name, entry.state, entry.who, entry.run) == ("c", "started", "Ada", None)
    assert queue.workflow_text(store, entry.id) == '{"name": "c"}'
    assert names_taken(store) == "dab"
    assert not queue.due(store, NOW)


def test_an_entry_with_a_time_starts_no_earlier_and_keeps_no_other_waiting(store: Store, queued: Queued):
    queued("a", not_before=NOW + 60)
    queued("b")
    assert names_taken(store) == "b"
    assert not queue.due(store, NOW + 59.9)
    assert queue.due(store, NOW + 60) and names_taken(store, NOW + 60) == "a"


def test_a_held_entry_is_passed_until_it_is_released(store: Store, queued: Queued):
    a, _ = queued("a", "b")
    queue_changes.hold(store, [a])
    assert names_taken(store) == "b"
    queue_changes.release(store, [a])
    assert names_taken(store) == "a"


def test_a_held_queue_starts_nothing_not_even_what_is_added_later(store: Store, queued: Queued):
    a, _ = queued("a", "b")
    queue_changes.hold(store, [a])
    queue_changes.hold_all(store, "Ada")
    queue_changes.hold_all(store, "Bob")
    queued("c")
    assert names_taken(store) == "" and not queue.due(store, NOW)
    assert queue.hold_of(store).who == "Ada"
    assert queue_changes.release_all(store) == 1
    assert queue.hold_of(store) is None and names_taken(store) == "bc"


def test_a_user_can_take_an_entry_whatever_it_waits_for(store: Store, queued: Queued):
    a, b, c = queued("a", "b", "c", not_before=NOW * 2)
    queue_changes.hold(store, [a])
    queue_changes.hold_all(store, "Ada")
    assert queue.take_now(store).name == "b"
    assert queue.take_now(store, a).name == "a"
    with pytest.raises(NotWaiting, match=r"'b' .* does not wait in the queue: it is being prepared"):
        queue.take_now(store, b)
    queue_changes.cancel(store, [c])
    with pytest.raises(NothingWaits):
        queue.take_now(store)


def test_entries_are_moved_among_those_that_wait(store: Store, queued: Queued):
    a, b, c, d = queued("a", "b", "c", "d")
    queue.take(store, NOW)
    queue_changes.move(store, d, "first")
    assert waiting(store) == "dbc"
    queue_changes.move_before(store, c, b)
    assert waiting(store) == "dcb"
    queue_changes.move(store, b, 2)
    assert waiting(store) == "dbc"
    with pytest.raises(NotWaiting):
        queue_changes.move(store, a, "up")
    with pytest.raises(UnknownEntry, match="no entry 'nothing'"):
        queue_changes.move_before(store, b, "nothing")


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.tuples(st.integers(0, 4), st.sampled_from(["up", "down", "first", "last"]), st.booleans())))
@sqlite_only
def test_any_moves_and_additions_keep_every_entry_once(store: Store, queued: Queued, moves: list[Any]):
    begun = {each.id for each in queue.entries(store) if each.state == "waiting"}
    ids = queued(*"abcde")
    for place, target, first in moves:
        queue_changes.move(store, ids[place], target)
        ids += queued("x", first=first)
    found = [each for each in queue.entries(store) if each.state == "waiting"]
    assert sorted(each.id for each in found) == sorted({*begun, *ids})
    assert len({each.place for each in found}) == len(found)


def test_a_change_of_several_entries_is_made_whole_or_not_at_all(store: Store, queued: Queued):
    a, b = queued("a", "b")
    for change in (queue_changes.cancel, queue_changes.hold, queue_changes.release):
        with pytest.raises(UnknownEntry):
            change(store, [a, "nothing"])
    assert names_taken(store) == "ab"
    with pytest.raises(NotWaiting):
        queue_changes.cancel(store, [a, b])


def test_a_sweep_is_cancelled_as_a_whole_and_two_sweeps_have_two_names(store: Store, queued: Queued):
    queued("a", "b", sweep="dcgan sweep")
    queued("c", sweep="dcgan sweep")
    queued("d")
    queue.take(store, NOW)
    assert queue_changes.cancel_sweep(store, "dcgan sweep") == 1
    assert waiting(store) == "cd"
    assert queue_changes.cancel_sweep(store, "dcgan sweep 2") == 1
    for name in ("dcgan sweep", "", "x" * 10_000):
        with pytest.raises(UnknownSweep):
            queue_changes.cancel_sweep(store, name)


def test_an_entry_that_was_refused_keeps_its_reason_and_is_put_back_at_the_front(store: Store, queued: Queued):
    a, _ = queued("a", "b")
    queue.take(store, NOW)
    with pytest.raises(NotPutBack, match="it is being prepared"):
        queue_changes.retry(store, a)
    queue.refuse(store, a, "Batch size is 0.")
    assert (queue.entry(store, a).state, queue.entry(store, a).error) == ("refused", "Batch size is 0.")
    assert queue_changes.retry(store, a).error == ""
    assert waiting(store) == "ab"
    with pytest.raises(NotPutBack, match="it waits already"):
        queue_changes.retry(store, a)


def test_a_run_that_stopped_is_resumed_if_it_has_a_checkpoint_and_else_started_anew(
    store: Store, queued: Queued, new_run
):
    a, b = queued("a", "b")
    saved, unsaved = new_run().id, new_run().id
    store.files(saved).checkpoint_folder(10).mkdir()
    for entry, run in ((a, saved), (b, unsaved)):
        queue.take(store, NOW)
        queue.became(store, entry, run)
        store.update(run, state="interrupted")
        assert queue.entry(store, entry).run_state == "interrupted"
    assert queue_changes.retry(store, a).run == saved
    assert queue_changes.retry(store, b).run is None
    assert waiting(store) == "ba"


@pytest.mark.parametrize(("state", "why"), [("running", "is being trained"), ("finished", "has finished")])
def test_a_run_that_is_trained_or_has_finished_is_not_put_back(store: Store, queued: Queued, new_run, state, why):
    (entry,) = queued("a")
    queue.take(store, NOW)
    queue.became(store, entry, run := new_run().id)
    store.update(run, state=state)
    with RunLock(store.files(run)), pytest.raises(NotPutBack, match=why):
        queue_changes.retry(store, entry)


def test_the_run_in_progress_goes_back_to_the_front_once(store: Store, queued: Queued, new_run):
    a, _ = queued("a", "b")
    run = new_run().id
    assert not queue.put_back(store, run)
    queue.take(store, NOW)
    queue.became(store, a, run)
    assert queue.put_back(store, run) and not queue.put_back(store, run)
    assert waiting(store) == "ab"
    assert queue.take(store, NOW).run == run


def test_what_has_ended_is_cleared_and_what_can_go_on_stays(store: Store, queued: Queued, new_run):
    ids = queued(*"abcdef")
    for entry, state in zip(ids, ("finished", "failed", "interrupted", "running"), strict=False):
        queue.take(store, NOW)
        queue.became(store, entry, run := new_run().id)
        store.update(run, state=state)
    queue_changes.cancel(store, [ids[4]])
    assert queue_changes.clear(store) == 3
    assert [each.name for each in queue.entries(store)] == ["c", "d", "f"]
    assert len(store.recent()) == 4


def test_an_entry_whose_process_died_while_it_prepared_the_run_is_not_started_again_by_itself(
    store: Store, queued: Queued
):
    a, _ = queued("a", "b")
    queue.take(store, NOW)
    queue.give_up_lost(store)
    assert queue.entry(store, a).state == "refused" and "ended unexpectedly" in queue.entry(store, a).error
    assert names_taken(store) == "b"


def test_of_two_processes_that_change_the_queue_none_loses_or_repeats_an_entry(
    store: Store, tmp_path: Path, database: str
):
    taken: list[str] = []

    def work(own: Store, name: str) -> None:
        for number in range(15):
            queue_changes.add(own, [Waiting(f"{name}{number}", "{}")], name, first=number % 2 == 0)
            for entry in (queue.take(own, NOW), queue.take(own, NOW) if number % 3 == 0 else None):
                if entry is not None:
                    taken.append(entry.id)

    stores = [Store(tmp_path, database) for _ in range(2)]
    threads = [threading.Thread(target=work, args=each) for each in zip(stores, "ab", strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while (entry := queue.take(store, NOW)) is not None:
        taken.append(entry.id)
    for each in stores:
        each.close()
    assert sorted(taken) == sorted(each.id for each in queue.entries(store))
    assert len(taken) == 30
