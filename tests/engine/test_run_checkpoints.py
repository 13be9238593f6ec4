"""When a run saves checkpoints, and which it keeps: by the rules in force, which may change while it trains."""

from collections.abc import Callable

import pytest

from pipeline.graph import edit
from pipeline.graph.adding import place_node
from pipeline.graph.workflow import Workflow
from pipeline.nodes.catalogue import NODES
from pipeline.runs import pins
from pipeline.runtime.messages.commands import SaveCheckpoint, SetLive
from pipeline.training import checkpoint
from tests.engine.conftest import Bench

Small = Callable[..., Workflow]


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that stands still; its only element is the time."""
    now = [0.0]
    monkeypatch.setattr("pipeline.engine.run_checkpoints.monotonic", lambda: now[0])
    return now


def start(bench: Bench, small: Small, *settings: str) -> str:
    workflow, _ = place_node(small(), "Checkpoints", "training", NODES)
    return bench.start(edit.apply_settings(workflow, [f"checkpoints.{each}" for each in settings], NODES))


def steps(bench: Bench) -> list[int]:
    return [step for step, _ in bench.run.files.checkpoints()]


def test_checkpoints_at_multiples_of_a_step_are_saved_exactly_there_and_kept(bench: Bench, small: Small) -> None:
    start(bench, small, "every=4", "last=1", "doublings=false")
    bench.chunk(10)
    bench.ask(SaveCheckpoint)
    assert steps(bench) == [0, 4, 8, 10]
    # The rules change while the run trains.
    bench.ask(SetLive, node="checkpoints", parameter="every", value=5)
    bench.ask(SetLive, node="checkpoints", parameter="most", value=3)
    bench.chunk(6)
    # Of 0, 10 and 15, which are multiples of five, and the newest three, none is too many.
    assert steps(bench) == [0, 10, 15]


def test_the_time_between_checkpoints_is_a_live_parameter(bench: Bench, small: Small, seconds: list[float]) -> None:
    start(bench, small, "seconds=100")
    bench.chunk(2)
    seconds[0] = 90.0
    bench.chunk(2)
    assert steps(bench) == [0]
    bench.ask(SetLive, node="checkpoints", parameter="seconds", value=80)
    bench.chunk(2)
    assert len(steps(bench)) == 2


def test_a_pinned_checkpoint_stays_while_the_run_goes_on(bench: Bench, small: Small) -> None:
    run = start(bench, small, "last=1", "doublings=false")
    for _ in range(2):
        bench.chunk(2)
        bench.ask(SaveCheckpoint)
    assert steps(bench) == [4]
    pins.pin(bench.worker.session.store, run, 4, "Ada")
    bench.chunk(2)
    bench.ask(SaveCheckpoint)
    assert steps(bench) == [4, 6]


def test_a_change_makes_the_checkpoint_of_its_step_outdated_so_that_a_pause_saves_it(
    bench: Bench, small: Small
) -> None:
    start(bench, small)
    bench.chunk(2)
    bench.ask(SaveCheckpoint)
    bench.ask(SetLive, node="generator_optimizer", parameter="learning_rate", value=0.01)
    bench.run.save_newest()
    saved = checkpoint.read(bench.run.files.checkpoint_folder(2))
    assert saved.live["generator_optimizer.learning_rate"] == 0.01
