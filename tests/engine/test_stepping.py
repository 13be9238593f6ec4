"""Walking a step, single updates, and changing the number of updates per step, in one process."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from pipeline.errors.base import GenscopeError
from pipeline.errors.training import StaleCommand
from pipeline.graph.workflow import Workflow
from pipeline.runtime.messages.commands import (
    Chunk,
    FinishStep,
    LookInside,
    NextStage,
    Run,
    SaveCheckpoint,
    SetLive,
    SetWatching,
    UpdateOnly,
)
from tests.engine.conftest import RATE, Bench, breakpoints, recorded, same

Small = Callable[..., Workflow]


def test_a_step_is_walked_stage_by_stage_and_ends_where_a_fast_one_does(bench: Bench, small: Small, run: str) -> None:
    walked = []
    while bench.snapshot.step == 20:
        bench.ask(NextStage)
        assert bench.snapshot.stage is not None
        walked.append((bench.snapshot.stage.update, bench.snapshot.stage.name))
        assert bench.snapshot.active == bench.snapshot.stage.node
    assert walked[0] == ("discriminator", "draw real images") and walked[-1] == ("generator", "update")
    slow = bench.weights()
    bench.start(small())
    bench.chunk(21)
    assert same(slow, bench.weights())


def test_the_metrics_of_walked_steps_are_recorded(bench: Bench, run: str, home: Path) -> None:
    bench.ask(NextStage)
    bench.ask(FinishStep)
    bench.ask(NextStage)
    bench.ask(Chunk, steps=3)
    bench.go_on()
    assert bench.snapshot.step == 24
    assert len(recorded(home, run)["D_loss"]) == 24


@pytest.mark.parametrize("kind", [SetLive, UpdateOnly, SaveCheckpoint, LookInside])
def test_every_other_command_finishes_a_step_that_is_half_walked(bench: Bench, run: str, kind: type) -> None:
    arguments = {
        SetLive: {**RATE, "value": 0.01},
        UpdateOnly: {"role": "generator"},
        LookInside: {"what": "saliency", "role": "discriminator", "source": "real", "index": 1},
    }
    bench.ask(NextStage)
    bench.ask(kind, **arguments.get(kind, {}))
    assert bench.snapshot.step == 21
    assert bench.run.trainer.between_steps


def test_discriminator_only_leaves_the_generators_bytes_untouched(bench: Bench, run: str) -> None:
    before = bench.weights()
    bench.ask(UpdateOnly, role="discriminator")
    after = bench.weights()
    changed = {name.partition(".")[0] for name in before if not torch.equal(before[name], after[name])}
    assert changed == {"discriminator"}
    assert (bench.snapshot.step, bench.snapshot.updates) == (20, {"d_updates": 21, "g_updates": 20})


def test_two_browsers_that_press_next_stage_at_once_go_on_one_stage(bench: Bench, run: str) -> None:
    seen = bench.snapshot.version
    bench.ask(NextStage, who="Ada", version=seen)
    with pytest.raises(StaleCommand, match="meanwhile Ada"):
        bench.ask(NextStage, who="Bob", version=seen)
    assert bench.snapshot.stage is not None and bench.snapshot.stage.number == 1


def test_while_it_runs_a_step_cannot_be_walked_nor_one_network_be_updated(bench: Bench, run: str) -> None:
    bench.ask(Run, who="Bob")
    for kind, fields in ((NextStage, {}), (FinishStep, {}), (UpdateOnly, {"role": "generator"})):
        with pytest.raises(StaleCommand, match="Bob set the run going"):
            bench.ask(kind, **fields)


def test_the_discriminators_updates_a_step_change_while_it_runs(bench: Bench, run: str) -> None:
    bench.ask(SetLive, node="training", parameter="discriminator_updates", value=3)
    bench.chunk(2)
    assert bench.snapshot.updates == {"d_updates": 26, "g_updates": 22}
    with pytest.raises(GenscopeError, match="Not changed"):
        bench.ask(SetLive, node="training", parameter="discriminator_updates", value=1.5)


def test_a_stage_that_fails_in_a_walk_leaves_the_run_where_its_step_began(bench: Bench, run: str) -> None:
    before = bench.weights()
    for _ in range(3):
        bench.ask(NextStage)
    hook = bench.run.trainer.state.networks["discriminator"].register_forward_pre_hook(lambda *_: 1 / 0)
    with pytest.raises(GenscopeError, match=r"\(discriminator\) failed"):
        bench.ask(NextStage)
    hook.remove()
    assert same(before, bench.weights())
    bench.ask(NextStage)
    bench.ask(FinishStep)
    assert bench.snapshot.step == 21


def test_a_walked_step_is_told_to_the_breakpoints_too(bench: Bench, run: str) -> None:
    bench.ask(SetWatching, watching=breakpoints("step == 21"))
    bench.ask(NextStage)
    bench.ask(FinishStep)
    assert (bench.snapshot.step, bench.snapshot.stop_kind) == (21, "breakpoint")
