"""Walking a step, single updates, and changing the number of updates per step, in one process."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from pipeline.engine import session
from pipeline.errors.base import GenscopeError
from pipeline.errors.training import StaleCommand
from pipeline.graph.workflow import Workflow
from pipeline.runtime.messages.commands import (
    Chunk,
    FinishStep,
    LookAtStage,
    LookInside,
    NextStage,
    Pause,
    Run,
    RunToStage,
    SaveCheckpoint,
    SetLive,
    SetWatching,
    UpdateOnly,
)
from tests.engine.conftest import RATE, Bench, breakpoints, recorded, same

Small = Callable[..., Workflow]


def test_a_step_walked_stage_by_stage_gives_the_same_weights_as_a_plain_step(
    bench: Bench, small: Small, run: str
) -> None:
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
def test_other_commands_finish_a_half_walked_step_first(bench: Bench, run: str, kind: type) -> None:
    arguments = {
        SetLive: {**RATE, "value": 0.01},
        UpdateOnly: {"role": "generator"},
        LookInside: {"what": "saliency", "role": "discriminator", "source": "real", "index": 1},
    }
    bench.ask(NextStage)
    bench.ask(kind, **arguments.get(kind, {}))
    assert bench.snapshot.step == 21
    assert bench.run.trainer.between_steps
    assert bench.snapshot.stage is None


def test_discriminator_only_does_not_change_the_generator(bench: Bench, run: str) -> None:
    before = bench.weights()
    bench.ask(UpdateOnly, role="discriminator")
    after = bench.weights()
    changed = {name.partition(".")[0] for name in before if not torch.equal(before[name], after[name])}
    assert changed == {"discriminator"}
    assert (bench.snapshot.step, bench.snapshot.updates) == (20, {"d_updates": 21, "g_updates": 20})


def test_two_browsers_that_press_next_stage_at_once_advance_one_stage(bench: Bench, run: str) -> None:
    version = bench.snapshot.version
    bench.ask(NextStage, who="Ada", version=version)
    with pytest.raises(StaleCommand, match="meanwhile Ada"):
        bench.ask(NextStage, who="Bob", version=version)
    assert bench.snapshot.stage is not None and bench.snapshot.stage.number == 1


def test_walking_and_single_updates_are_refused_while_the_run_trains(bench: Bench, run: str) -> None:
    bench.ask(Run, who="Bob")
    for kind, fields in ((NextStage, {}), (FinishStep, {}), (UpdateOnly, {"role": "generator"})):
        with pytest.raises(StaleCommand, match="Bob started training"):
            bench.ask(kind, **fields)


def test_the_discriminator_updates_per_step_can_change_during_the_run(bench: Bench, run: str) -> None:
    bench.ask(SetLive, node="training", parameter="discriminator_updates", value=3)
    bench.chunk(2)
    assert bench.snapshot.updates == {"d_updates": 26, "g_updates": 22}
    with pytest.raises(GenscopeError, match="Not changed"):
        bench.ask(SetLive, node="training", parameter="discriminator_updates", value=1.5)


def test_a_stage_that_fails_in_a_walk_returns_the_run_to_the_start_of_the_step(bench: Bench, run: str) -> None:
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


def test_breakpoints_are_checked_after_a_walked_step(bench: Bench, run: str) -> None:
    bench.ask(SetWatching, watching=breakpoints("step == 21"))
    bench.ask(NextStage)
    bench.ask(FinishStep)
    assert (bench.snapshot.step, bench.snapshot.stop_kind) == (21, "breakpoint")


@pytest.mark.parametrize("number", [1, 5, 12])
def test_running_to_a_stage_equals_pressing_next_stage_that_often(
    bench: Bench, small: Small, run: str, number: int
) -> None:
    bench.ask(RunToStage, stage=number)
    bench.go_on()
    stage, weights, live = bench.snapshot.stage, bench.weights(), bench.snapshot.metrics
    assert stage is not None and stage.number == number and bench.snapshot.state == "paused"
    assert bench.snapshot.step == (21 if number == 12 else 20)
    bench.start(small())
    bench.chunk(20)
    for _ in range(number):
        bench.ask(NextStage)
    assert bench.snapshot.stage == stage and same(weights, bench.weights())
    assert live["D_loss"] == bench.snapshot.metrics["D_loss"]


def test_a_walk_to_a_stage_goes_on_from_the_stage_where_it_is(bench: Bench, run: str) -> None:
    bench.ask(NextStage)
    bench.ask(RunToStage, stage=4)
    assert bench.snapshot.stage is not None and bench.snapshot.stage.number == 4
    for done in (4, 1, 0, 13):
        with pytest.raises(GenscopeError, match="a later stage of the step, 5 to 12"):
            bench.ask(RunToStage, stage=done)


def test_a_slow_walk_to_a_stage_can_be_paused_between_two_stages(
    bench: Bench, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "WALK_SECONDS", 0.0)
    bench.ask(RunToStage, stage=9)
    bench.advance()
    assert bench.snapshot.state == "running" and bench.snapshot.doing == "Walking to stage 9"
    bench.ask(Pause)
    assert bench.snapshot.stage is not None
    assert (bench.snapshot.state, bench.snapshot.step, bench.snapshot.stage.number) == ("paused", 20, 2)
    bench.ask(RunToStage, stage=9)
    bench.go_on()
    assert bench.snapshot.stage.number == 9 and bench.snapshot.doing == ""


def test_a_stage_that_fails_ends_the_walk_at_the_beginning_of_its_step(
    bench: Bench, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("out of luck")

    before = bench.weights()
    monkeypatch.setattr(bench.run.trainer.state.networks["generator"], "forward", fail)
    bench.ask(RunToStage, stage=12)
    bench.go_on()
    assert (bench.snapshot.state, bench.snapshot.step, bench.snapshot.stage) == ("paused", 20, None)
    assert "out of luck" in bench.snapshot.stopped
    monkeypatch.undo()
    assert same(before, bench.weights())


def test_done_stages_show_again_what_they_made_until_the_next_step_begins(bench: Bench, run: str) -> None:
    seen = []
    for _ in range(12):
        bench.ask(NextStage)
        seen.append((bench.snapshot.stage, bench.snapshot.stage_images))
    for number, (stage, images) in enumerate(seen, start=1):
        found = bench.ask(LookAtStage, stage=number)
        assert stage is not None and found.images == images
        assert (found.stage.name, found.stage.values, found.stage.scores) == (stage.name, stage.values, stage.scores)
        assert (found.stage.latents, found.stage.parameters) == (stage.latents, stage.parameters)
    bench.ask(NextStage)
    with pytest.raises(GenscopeError, match="no longer kept"):
        bench.ask(LookAtStage, stage=2)


def test_the_plan_names_all_stages_of_a_step(bench: Bench, run: str) -> None:
    plan = [
        (each.name, name, node) for each in bench.snapshot.plan for _ in range(each.count) for name, node in each.stages
    ]
    for update, name, node in plan:
        bench.ask(NextStage)
        assert bench.snapshot.stage is not None
        assert (update, name, node) == (
            bench.snapshot.stage.update,
            bench.snapshot.stage.name,
            bench.snapshot.stage.node,
        )
    assert bench.snapshot.step == 21 and len(plan) == 12
