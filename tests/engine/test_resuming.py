"""Resume: the run goes on as if it had never been interrupted, and says what it restored."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors.runs import NoCheckpoint
from pipeline.graph.workflow import Workflow
from pipeline.runs.later_changes import LaterChange, changes_after
from pipeline.runs.store import Event, Store
from pipeline.runtime.messages.commands import Back, NextStage, Resume, RunTo, SaveCheckpoint, SetLive, UpdateOnly
from tests.engine.conftest import RATE, Bench, recorded, same

Small = Callable[..., Workflow]
KEY = "generator_optimizer.learning_rate"
PENALTY = {"node": "discriminator_optimizer", "parameter": "learning_rate"}


class Killed:
    """A bench whose process can die without a word."""

    def __init__(self, home: Path, bench: Bench) -> None:
        self.home = home
        self.bench = bench

    def resume(self, run: str) -> Bench:
        """Let the run's process die without saving, and load the run again."""
        session = self.bench.worker.session
        session.debugger("The test").run.close()
        session._debugger = None
        self.bench.ask(Resume, run=run, paused=True)
        return self.bench


@pytest.fixture
def killed(home: Path, bench: Bench) -> Iterator[Killed]:
    yield Killed(home, bench)


def changed(bench: Bench) -> None:
    """A user's changes at steps 15, 18 and 20, of a run at step 12."""
    bench.chunk(3)
    bench.ask(SetLive, **RATE, value=0.01)
    bench.chunk(3)
    bench.ask(UpdateOnly, role="discriminator")
    bench.ask(SetLive, **RATE, value=0.005)
    bench.chunk(2)
    bench.ask(SetLive, **PENALTY, value=0.001)
    bench.chunk(4)


def saved_at_twelve(bench: Bench, small: Small) -> str:
    run = bench.start(small())
    bench.chunk(12)
    bench.ask(SaveCheckpoint)
    return run


def test_a_killed_run_repeats_each_change_at_its_step_and_equals_the_uninterrupted_one(
    killed: Killed, bench: Bench, small: Small, home: Path
) -> None:
    whole = saved_at_twelve(bench, small)
    changed(bench)
    bench.chunk(6)
    expected, weights = recorded(home, whole), bench.weights()
    bench.worker.session.release_run("")
    run = saved_at_twelve(bench, small)
    changed(bench)
    killed.resume(run)
    assert (bench.snapshot.step, bench.snapshot.live[KEY]) == (12, 0.0002)
    bench.chunk(7)
    assert bench.snapshot.live[KEY] == 0.005
    # Killed once more, before the last change was repeated.
    killed.resume(run)
    bench.chunk(18)
    found = recorded(home, run)
    assert {name: len(values) for name, values in found.items()} == dict.fromkeys(expected, 30)
    clocks = ("images_per_second", "seconds")
    assert all(np.array_equal(expected[name], found[name], True) for name in expected if name not in clocks)
    assert same(weights, bench.weights())
