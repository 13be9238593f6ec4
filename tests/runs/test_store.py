"""Runs and their events in the store."""

import os
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.errors.runs import UnknownRun
from pipeline.runs.interrupted import mark_interrupted
from pipeline.runs.lock import RunLock
from pipeline.runs.store import RunRecord, Store

NewRun = Callable[..., RunRecord]


def test_a_new_run_is_paused_at_step_zero_and_can_be_read_again(store: Store, new_run: NewRun):
    made = new_run(name="numbers")
    assert (made.name, made.state, made.step, made.who) == ("numbers", "paused", 0, "Ada")
    assert (made.processes, made.job) == (1, "")
    assert store.run(made.id) == made


def test_a_fork_starts_at_its_parents_step(store: Store, new_run: NewRun):
    parent = new_run()
    fork = new_run(parent=parent.id, parent_step=400)
    assert (fork.parent, fork.parent_step, fork.step) == (parent.id, 400, 400)
    with pytest.raises(UnknownRun):
        new_run(parent="20200101-000000-00000000")
    assert len(store.recent()) == 2


def test_a_run_is_known_by_another_store_on_the_same_home(tmp_path: Path, database: str, store: Store, new_run: NewRun):
    made = new_run()
    with Store(tmp_path, database) as other:
        assert other.run(made.id) == made


@pytest.mark.parametrize(
    "run", ["", "../../etc/passwd", "/etc/passwd", "nonsense", "20200101-000000-00000000", "'; --"]
)
def test_a_missing_run_is_refused_everywhere(store: Store, run: str):
    for door in (store.run, store.resolve, store.events, lambda run: store.update(run, step=1)):
        with pytest.raises(UnknownRun, match="python -m pipeline runs"):
            door(run)
    with pytest.raises(UnknownRun):
        store.add_event(run, 0, "started", "", "Ada")


def test_latest_is_the_newest_run_and_an_error_without_runs(store: Store, new_run: NewRun):
    with pytest.raises(UnknownRun, match=r"no runs in /.* yet, so none is the latest.*pipeline train WORKFLOW"):
        store.resolve("latest")
    first, second = new_run(), new_run()
    assert store.resolve("latest") == second
    assert store.resolve(first.id) == first
    assert store.recent() == [second, first]
    assert store.recent(limit=1) == [second]


def test_an_update_changes_what_it_names_and_nothing_else(store: Store, new_run: NewRun):
    made, other = new_run(), new_run()
    store.update(made.id, state="failed", step=12, error="The loss is NaN.", error_node="objective")
    changed = store.run(made.id)
    assert (changed.state, changed.step, changed.error, changed.error_node) == (
        "failed", 12, "The loss is NaN.", "objective",
    )  # fmt: skip
    assert changed.updated > made.updated
    store.update(made.id, processes=4, job="1207")
    assert (store.run(made.id).processes, store.run(made.id).job) == (4, "1207")
    assert (changed.created, changed.seed, changed.name) == (made.created, made.seed, made.name)
    store.update(made.id, state="running", error=None)
    assert (store.run(made.id).error, store.run(made.id).error_node) == (None, "objective")
    assert store.run(other.id) == other


def test_the_last_events_are_returned_in_order(store: Store, new_run: NewRun):
    run = new_run().id
    change = {"node": "generator_optimizer", "parameter": "learning_rate", "value": 1e-4}
    store.add_event(run, 0, "started", "Ada started the run.", "Ada")
    store.add_event(run, 50, "parameter changed", "learning_rate is 0.0001.", "Bob", change)
    store.add_event(run, 60, "paused", "Bob paused.", "Bob")
    assert [event.kind for event in store.events(run)] == ["started", "parameter changed", "paused"]
    assert [event.kind for event in store.events(run, limit=2)] == ["parameter changed", "paused"]
    told = store.events(run)[1]
    assert (told.step, told.who, told.data) == (50, "Bob", change)
    assert store.events(new_run().id) == []


def dead_process() -> int:
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def test_a_run_whose_process_died_is_marked_as_interrupted_once(store: Store, new_run: NewRun):
    running, paused, trained, let_go, done = (new_run().id for _ in range(5))
    for run in (running, trained):
        store.update(run, state="running", step=30)
    store.update(done, state="finished")
    for run in (running, paused):
        store.files(run).lock.write_text(f'{{"pid": {dead_process()}, "host": "{socket.gethostname()}"}}')
    with RunLock(store.files(let_go)):
        pass
    with RunLock(store.files(trained)):
        assert sorted(mark_interrupted(store)) == sorted([running, paused])
        assert mark_interrupted(store) == []
        states = [store.run(run).state for run in (running, paused, trained, let_go, done)]
    assert states == ["interrupted", "interrupted", "running", "paused", "finished"]
    assert [(event.kind, event.step) for event in store.events(running)] == [("interrupted", 30)]


def test_a_run_recorded_as_running_without_a_lock_holder_is_interrupted(store: Store, new_run: NewRun):
    run = new_run().id
    store.update(run, state="running")
    assert mark_interrupted(store) == [run]


def test_a_run_held_on_another_host_is_left_alone(store: Store, new_run: NewRun):
    run = new_run().id
    store.update(run, state="running")
    store.files(run).lock.write_text(f'{{"pid": {os.getpid()}, "host": "elsewhere.example"}}')
    assert mark_interrupted(store) == []
