"""Back: return to any earlier step by a replay that adds no metrics."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors.base import Refusal
from pipeline.graph.workflow import Workflow
from pipeline.runs.store import Store
from pipeline.runtime.messages.commands import Back, NextStage, RunTo, SaveCheckpoint, SetLive, SetRewind, UpdateOnly
from tests.engine.conftest import RATE, Bench, recorded, same

Small = Callable[..., Workflow]


def test_going_back_discards_a_half_walked_step(bench: Bench, run: str) -> None:
    before = bench.weights()
    bench.ask(NextStage)
    bench.ask(NextStage)
    bench.ask(Back, step=20)
    assert bench.snapshot.step == 20 and bench.snapshot.stage is None
    assert same(before, bench.weights())


def test_ten_steps_back_and_forward_give_the_same_weights_and_add_no_metrics(
    bench: Bench, run: str, home: Path
) -> None:
    bench.ask(UpdateOnly, role="discriminator")
    bench.ask(SetLive, **RATE, value=0.01)
    bench.chunk(12)
    there, before = bench.weights(), recorded(home, run)
    bench.ask(Back, step=22)
    bench.go_on()
    assert (bench.snapshot.state, bench.snapshot.step, bench.snapshot.head) == ("paused", 22, 32)
    bench.ask(RunTo, step=32)
    bench.go_on()
    assert bench.snapshot.step == 32
    assert same(there, bench.weights())
    after = recorded(home, run)
    assert all(np.array_equal(before[name], after[name], equal_nan=True) for name in before)
    with Store(home) as store:
        assert len(store.recent()) == 1


def test_back_to_before_a_live_change_undoes_it_and_the_replay_repeats_it(bench: Bench, run: str) -> None:
    bench.ask(SetLive, **RATE, value=0.01)
    bench.chunk(5)
    bench.ask(Back, step=15)
    bench.go_on()
    assert bench.snapshot.live["generator_optimizer.learning_rate"] != 0.01
    bench.ask(RunTo, step=21)
    bench.go_on()
    assert bench.snapshot.live["generator_optimizer.learning_rate"] == 0.01


@pytest.mark.parametrize("step", [-1, -5000])
def test_back_past_the_first_step_is_refused(bench: Bench, run: str, step: int) -> None:
    with pytest.raises(Refusal, match="the earliest step that this run can return to is 0"):
        bench.ask(Back, step=step)
    assert (bench.snapshot.step, bench.snapshot.state) == (20, "paused")


def test_back_past_the_first_step_of_a_fork_is_refused(bench: Bench, run: str) -> None:
    bench.ask(Back, step=12)
    bench.go_on()
    bench.ask(UpdateOnly, role="generator")
    with pytest.raises(Refusal, match="is 12"):
        bench.ask(Back, step=11)


def test_back_uses_a_checkpoint_if_memory_has_no_snapshot(bench: Bench, run: str) -> None:
    bench.ask(SaveCheckpoint)
    saved = bench.weights()
    bench.chunk(10)
    bench.ask(SetRewind, mebibytes=0)
    assert bench.snapshot.rewind.snapshots == () and 20 in bench.snapshot.rewind.checkpoints
    bench.ask(Back, step=20)
    bench.go_on()
    assert same(saved, bench.weights())


def test_the_memory_of_rewind_is_reported_and_limited(bench: Bench, run: str) -> None:
    rewind = bench.snapshot.rewind
    assert rewind.snapshots and 0 < rewind.size <= rewind.budget
    with pytest.raises(Refusal, match="MiB"):
        bench.ask(SetRewind, mebibytes=-1)


def test_run_to_an_earlier_step_is_refused_with_what_to_do(bench: Bench, run: str) -> None:
    with pytest.raises(Refusal, match="Back goes to an earlier one"):
        bench.ask(RunTo, step=20)
