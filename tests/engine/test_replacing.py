"""A run for another number of processes: who trains it, and what happens to the loaded run. The worker is in
this process; engines with several processes are tested from the pages."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.engine.engine_kind import EngineKind
from pipeline.engine.service import Service
from pipeline.engine.worker import TrainingWorker
from pipeline.errors.base import Refusal
from pipeline.errors.training import EngineBusy, EngineByHand, EngineReplaced
from pipeline.graph import document
from pipeline.graph.workflow import Workflow
from pipeline.runs import queue, queue_changes
from pipeline.runs.queue_changes import Waiting
from pipeline.runs.store import Store
from pipeline.runtime.address import Address
from pipeline.runtime.messages.commands import Back, Fork, Resume, StartNext
from tests.engine.conftest import Bench

Small = Callable[..., Workflow]
TWO = "training.processes=2"


@pytest.fixture
def by_hand(home: Path) -> Iterator[Bench]:
    """An engine of one process that a user has started."""
    worker = TrainingWorker(home, publish=lambda snapshot: None, kind=EngineKind(by_hand=True))
    yield Bench(worker)
    worker.close()


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    with Store(home) as store:
        yield store


def test_the_loaded_run_is_saved_and_an_engine_with_as_many_processes_is_asked_for(
    bench: Bench, run: str, small: Small, store: Store
) -> None:
    with pytest.raises(EngineReplaced):
        bench.start(small(TWO))
    assert (bench.snapshot.successor, bench.snapshot.run, bench.snapshot.state) == (2, "", "idle")
    assert not bench.worker.busy
    assert store.run(run).state == "paused" and dict(store.files(run).checkpoints()).keys() >= {20}
    assert [record.id for record in store.recent()] == [run], "the new run is recorded by the engine that trains it"


def test_a_run_that_somebody_trains_is_asked_about_first(bench: Bench, small: Small) -> None:
    run = bench.start(small("training.total_steps=100000"))
    with pytest.raises(EngineBusy):
        bench.start(small(TWO))
    assert (bench.snapshot.run, bench.snapshot.state, bench.snapshot.successor) == (run, "running", 0)
    with pytest.raises(EngineReplaced):
        bench.start(small(TWO), switch=True)


def test_a_fork_from_a_step_that_only_memory_has_is_refused_until_it_is_saved(
    bench: Bench, run: str, small: Small
) -> None:
    bench.ask(Back, step=15)
    bench.go_on()
    fork = document.write(small(TWO))
    with pytest.raises(Refusal, match="Press Save checkpoint at step 15"):
        bench.ask(Fork, workflow=fork)
    assert bench.snapshot.run == run and bench.snapshot.step == 15
    bench.run.save()
    with pytest.raises(EngineReplaced):
        bench.ask(Fork, workflow=fork, step=15)


def test_an_engine_that_a_user_started_stays_and_says_what_to_do(by_hand: Bench, small: Small, store: Store) -> None:
    with pytest.raises(EngineByHand, match=r"asks for 2 processes.*started in a terminal, has 1\. .*Ctrl-C"):
        by_hand.start(small(TWO))
    run = by_hand.start(small())
    by_hand.worker.session.kind = replace(by_hand.worker.session.kind, processes=3)
    by_hand.worker.session.release_run("Ada")
    with pytest.raises(EngineByHand, match=r"asks for 1 process.*has 3\. "):
        by_hand.ask(Resume, run=run)
    assert by_hand.snapshot.successor == 0


def test_a_waiting_run_for_two_processes_waits_for_an_engine_with_two(bench: Bench, small: Small, store: Store) -> None:
    (entry,) = queue_changes.add(store, [Waiting("two", document.write(small(TWO)))], "Ada")
    bench.go_on()
    assert bench.snapshot.successor == 2 and queue.entry(store, entry).state == "waiting"
    assert not queue.entry(store, entry).held


@pytest.mark.parametrize("asked_for", [False, True])
def test_a_waiting_run_that_an_engine_of_a_user_cannot_train_is_held_and_says_why(
    by_hand: Bench, small: Small, store: Store, asked_for: bool
) -> None:
    two = Waiting("two", document.write(small(TWO)))
    one = Waiting("one", document.write(small("training.total_steps=2")))
    first, second = queue_changes.add(store, [two, one], "Ada")
    if asked_for:
        with pytest.raises(EngineByHand):
            by_hand.ask(StartNext, entry=first)
    by_hand.go_on()
    held = queue.entry(store, first)
    assert held.held and "asks for 2 processes" in held.error
    assert queue.entry(store, second).run_state == "finished", "the queue goes on with the next one"


def test_only_an_engine_that_a_server_started_ends_without_one(home: Path) -> None:
    for by_hand in (False, True):
        service = Service(Address(home, "train"), "00", EngineKind(by_hand=by_hand))
        service._alone_since = -100.0
        assert service.interrupted() is not by_hand
