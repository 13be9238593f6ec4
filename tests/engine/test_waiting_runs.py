"""The queue in the training engine, with the worker in this process: what starts next, and what gives way to it."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from pipeline.engine import launching
from pipeline.engine.worker import TrainingWorker
from pipeline.errors.base import Refusal
from pipeline.errors.data import ReadingStopped
from pipeline.errors.machine import CannotWrite
from pipeline.errors.queue import NothingWaits
from pipeline.graph import document
from pipeline.graph.workflow import Workflow
from pipeline.runs import queue, queue_changes
from pipeline.runs.interrupted import mark_interrupted
from pipeline.runs.queue_changes import Waiting
from pipeline.runs.queue_rows import Entry
from pipeline.runs.store import Store
from pipeline.runtime.handle import TrainerHandle
from pipeline.runtime.messages.commands import Pause, Run, Start, StartNext
from pipeline.studio.queue.queue_view import queue_view
from tests.engine.conftest import Bench

Small = Callable[..., Workflow]
SHORT = "training.total_steps=5"
LONG = "training.total_steps=100000"


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    with Store(home) as store:
        yield store


@pytest.fixture
def queued(store: Store, small: Small) -> Callable[..., str]:
    """`queued("name", "node.parameter=value", ...)`: add a run of five steps to the queue and return its entry's id."""

    def add(name: str, *settings: str, **facts: object) -> str:
        new = Waiting(name, document.write(small(SHORT, *settings)))
        return queue_changes.add(store, [new], "Ada", **facts)[0]

    return add


def states(store: Store) -> dict[str, str]:
    """The state of each entry, by name."""
    return {row.entry.name: row.state for row in queue_view(store, None).rows}


def entry_named(store: Store, name: str) -> Entry:
    return next(each for each in queue.entries(store) if each.name == name)


def test_waiting_runs_are_trained_one_after_another_under_their_names_and_those_that_fail_do_not_stop_it(
    bench: Bench, store: Store, queued: Callable[..., str]
) -> None:
    queued("invalid", "training.batch_size=0")
    queued("a", "training.seed=3")
    queued("no device", "training.device=cuda:77")
    queued("b")
    bench.go_on()
    assert states(store) == {"invalid": "refused", "a": "finished", "no device": "refused", "b": "finished"}
    assert "Batch size is 0" in entry_named(store, "invalid").error
    assert "no device 'cuda:77'" in entry_named(store, "no device").error
    runs = {record.name: record for record in store.recent()}
    assert set(runs) == {"a", "b"}
    assert (runs["a"].who, runs["a"].seed, runs["a"].step, runs["a"].id) == ("Ada", 3, 5, entry_named(store, "a").run)


def test_a_run_that_a_person_paused_does_not_give_way_until_they_start_the_next(
    bench: Bench, small: Small, store: Store, queued: Callable[..., str]
) -> None:
    own = bench.start(small(LONG))
    bench.ask(Pause)
    queued("a")
    time.sleep(0.6)
    assert not bench.worker.busy
    assert "which is paused" in queue_view(store, bench.snapshot).sentence
    bench.ask(StartNext, who="Bob")
    assert (bench.snapshot.name, bench.snapshot.who, bench.snapshot.state) == ("a", "Bob", "running")
    assert store.run(own).state == "paused"


def test_a_run_of_the_queue_that_has_to_make_way_goes_back_to_the_front_and_is_resumed(
    bench: Bench, store: Store, queued: Callable[..., str]
) -> None:
    queued("a", LONG)
    bench.advance()
    bench.advance()
    first, step = bench.snapshot.run, bench.snapshot.step
    assert step > 0 and states(store) == {"a": "training"}
    b = queued("b")
    bench.ask(StartNext, entry=b)
    assert states(store) == {"b": "training", "a": "waiting"}
    while bench.snapshot.run != first:
        bench.advance()
    assert bench.snapshot.step >= step and states(store) == {"b": "finished", "a": "training"}
    assert any(event.kind == "resumed" for event in store.events(first))


def test_an_engine_that_ends_puts_its_run_back_at_the_front_and_the_next_one_resumes_it(
    bench: Bench, home: Path, store: Store, queued: Callable[..., str]
) -> None:
    queued("a", LONG)
    queued("b")
    bench.advance()
    bench.advance()
    run, step = bench.snapshot.run, bench.snapshot.step
    bench.worker.close()
    assert [(each.name, each.run) for each in queue.entries(store)] == [("a", run), ("b", None)]
    again = TrainingWorker(home, publish=lambda snapshot: None)
    assert again.busy
    again.advance(lambda: False)
    assert (again.snapshot.run, again.snapshot.step, again.snapshot.state) == (run, step, "running")
    again.close()


def test_after_a_crash_the_next_run_starts_and_the_interrupted_one_resumes_when_it_is_asked_for(
    bench: Bench, home: Path, store: Store, queued: Callable[..., str]
) -> None:
    a = queued("a", LONG)
    queued("b")
    bench.advance()
    bench.advance()
    run = bench.snapshot.run
    # As a process leaves it that was killed: recorded as running, with a lock that names no living process.
    bench.run._lock.release()
    again = Bench(TrainingWorker(home, publish=lambda snapshot: None))
    assert states(store) == {"a": "interrupted", "b": "waiting"}
    again.go_on()
    assert states(store) == {"a": "interrupted", "b": "finished"}
    queue_changes.retry(store, a)
    again.worker._waiting.look_soon()
    again.advance()
    assert (again.snapshot.run, again.snapshot.state) == (run, "running")
    again.worker.close()


def test_a_run_of_the_queue_whose_values_become_nan_makes_way_unless_a_person_looks_into_it(
    bench: Bench, store: Store, queued: Callable[..., str]
) -> None:
    queued("a", LONG)
    bench.advance()
    with torch.no_grad():
        next(bench.run.trainer.state.networks["discriminator"].parameters()).fill_(torch.nan)
    bench.advance()
    assert (bench.snapshot.state, bench.snapshot.stop_kind) == ("paused", "not finite")
    assert "became NaN or infinite" in entry_named(store, "a").error
    with pytest.raises(Refusal):
        bench.ask(Run, steps=-1)
    queued("invalid", "training.batch_size=0")
    queued("b")
    bench.worker._waiting.look_soon()
    assert not bench.worker.busy
    bench.worker._waiting.give_up(bench.snapshot.run, bench.snapshot.stopped)
    bench.go_on()
    assert states(store) == {"a": "paused", "invalid": "refused", "b": "finished"}


def test_a_time_is_honoured_within_a_second_and_a_held_queue_starts_nothing(
    bench: Bench, store: Store, queued: Callable[..., str], wait_for: Callable[..., None]
) -> None:
    queue_changes.hold_all(store, "Ada")
    queued("held")
    assert not bench.worker.busy
    with pytest.raises(NothingWaits):
        queue_changes.cancel(store, [entry_named(store, "held").id])
        bench.ask(StartNext)
    queue_changes.release_all(store)
    start = time.time() + 1.0
    queued("a", not_before=start)
    assert not bench.worker.busy
    wait_for(lambda: bench.worker.busy)
    assert start <= time.time()
    assert store.recent() == []


@pytest.mark.parametrize(("interrupted", "state"), [(True, "waiting"), (False, "held")])
def test_a_preparation_that_a_command_stops_is_put_off_and_one_that_a_person_stops_is_held(
    bench: Bench, store: Store, queued: Callable[..., str], monkeypatch: pytest.MonkeyPatch, interrupted, state
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise ReadingStopped("Reading images", 3, 10)

    queued("a")
    monkeypatch.setattr(launching, "assemble", stopped)
    bench.worker.advance(lambda: interrupted)
    assert states(store) == {"a": state} and bench.snapshot.state == "idle"
    assert store.recent() == []
    assert ("Stopped while reading images" in entry_named(store, "a").error) == (state == "held")


def test_a_full_disk_holds_the_queue_instead_of_failing_one_run_after_another(
    bench: Bench, store: Store, queued: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    queued("a")
    queued("b")

    def full(*_: object, **__: object) -> None:
        raise CannotWrite("checkpoint", "no space left on device")

    monkeypatch.setattr(launching, "assemble", full)
    bench.advance()
    assert states(store) == {"a": "held", "b": "waiting"}
    assert "no space left" in entry_named(store, "a").error
    assert queue.hold_of(store) is not None and not bench.worker.busy


def test_a_start_takes_the_name_of_the_run(bench: Bench, small: Small, store: Store) -> None:
    bench.ask(Start, workflow=document.write(small()), name="by hand")
    assert store.run(bench.snapshot.run).name == "by hand" == bench.snapshot.name
    assert mark_interrupted(store) == []


@pytest.mark.slow
def test_an_engine_that_is_killed_loses_no_entry_and_starts_none_twice(
    home: Path, store: Store, queued: Callable[..., str], wait_for: Callable[..., None]
) -> None:
    queued("a", LONG)
    queued("b")
    handle = TrainerHandle(home)
    wait_for(lambda: handle.snapshot.name == "a" and handle.snapshot.step > 0)
    os.kill(handle.snapshot.pid, signal.SIGKILL)
    wait_for(lambda: handle.snapshot.engine == "gone")
    assert states(store) == {"a": "interrupted", "b": "waiting"}
    again = TrainerHandle(home)
    wait_for(lambda: states(store) == {"a": "interrupted", "b": "finished"})
    assert len(store.recent()) == 2
    again.close()
