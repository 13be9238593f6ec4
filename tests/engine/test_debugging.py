"""The debugger's commands, in one process with the worker: training is a program that is stepped, stopped, taken back."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
import torch

from pipeline.errors.base import GenscopeError, Refusal
from pipeline.errors.training import StaleCommand
from pipeline.graph import document
from pipeline.graph.workflow import Workflow
from pipeline.runs import metrics
from pipeline.runs.store import Store
from tests.engine.conftest import Bench

Small = Callable[..., Workflow]
RATE = {"node": "generator_optimizer", "parameter": "learning_rate"}


@pytest.fixture
def run(bench: Bench, small: Small) -> str:
    """A run that has trained 20 steps and is paused."""
    run = bench.start(small())
    bench.chunk(20)
    return run


def same(left: Mapping[str, torch.Tensor], right: Mapping[str, torch.Tensor]) -> bool:
    return all(torch.equal(left[name], right[name]) for name in left)


def breakpoints(*conditions: str) -> dict[str, object]:
    return {"breakpoints": [{"expression": each, "enabled": True} for each in conditions], "watches": []}


def recorded(home: Path, run: str) -> dict[str, np.ndarray]:
    """The run's metrics as a plain loop would have listed them, a value a step."""
    with Store(home) as store:
        found = metrics.history(store, run, bands=4096)
    assert found.width == 1
    return {name: curve.last for name, curve in found.series.items()}


def test_a_step_is_walked_stage_by_stage_and_ends_where_a_fast_one_does(bench: Bench, small: Small, run: str) -> None:
    walked = []
    while bench.seen.step == 20:
        bench.ask("next_stage")
        assert bench.seen.stage is not None
        walked.append((bench.seen.stage.update, bench.seen.stage.name))
        assert bench.seen.active == bench.seen.stage.node
    assert walked[0] == ("discriminator", "draw real images") and walked[-1] == ("generator", "update")
    slow = bench.weights()
    bench.start(small())
    bench.chunk(21)
    assert same(slow, bench.weights())


def test_the_metrics_of_walked_steps_are_recorded(bench: Bench, run: str, home: Path) -> None:
    bench.ask("next_stage")
    bench.ask("finish_step")
    bench.ask("next_stage")
    bench.ask("chunk", steps=3)
    bench.go_on()
    assert bench.seen.step == 24
    assert len(recorded(home, run)["D_loss"]) == 24


@pytest.mark.parametrize("kind", ["set_live", "only", "save", "look_inside"])
def test_every_other_command_finishes_a_step_that_is_half_walked(bench: Bench, run: str, kind: str) -> None:
    arguments = {
        "set_live": {**RATE, "value": 0.01},
        "only": {"role": "generator"},
        "look_inside": {"what": "saliency", "role": "discriminator", "source": "real", "index": 1},
    }
    bench.ask("next_stage")
    bench.ask(kind, **arguments.get(kind, {}))
    assert bench.seen.step == 21
    assert bench.run.trainer.between_steps


def test_going_back_throws_a_half_walked_step_away(bench: Bench, run: str) -> None:
    before = bench.weights()
    bench.ask("next_stage")
    bench.ask("next_stage")
    bench.ask("back", step=20)
    assert bench.seen.step == 20 and bench.seen.stage is None
    assert same(before, bench.weights())


def test_discriminator_only_leaves_the_generators_bytes_untouched(bench: Bench, run: str) -> None:
    before = bench.weights()
    bench.ask("only", role="discriminator")
    after = bench.weights()
    changed = {name.partition(".")[0] for name in before if not torch.equal(before[name], after[name])}
    assert changed == {"discriminator"}
    assert (bench.seen.step, bench.seen.updates) == (20, {"d_updates": 21, "g_updates": 20})


def test_a_breakpoint_in_the_middle_of_a_chunk_stops_where_a_plain_loop_finds_it(
    bench: Bench, small: Small, home: Path
) -> None:
    plain = bench.start(small())
    bench.chunk(120)
    d_real, g_norm = (recorded(home, plain)[name] for name in ("D_real", "G_grad_norm"))
    bound = float(np.sort(d_real[20:])[-6])
    expected = next(
        step for step in range(1, 121) if d_real[step - 1] > np.float32(bound) and g_norm[step - 1] > 0 and step > 20
    )
    bench.start(small())
    bench.ask("set_watching", watching=breakpoints(f"D_real > {bound!r} and G_grad_norm > 0 and step > 20"))
    bench.chunk(120)
    seen = bench.seen
    assert (seen.state, seen.step, seen.stop_kind) == ("paused", expected, "breakpoint")
    assert f"Breakpoint at step {expected}: D_real > " in seen.stopped and "G_grad_norm " in seen.stopped


def test_a_breakpoint_that_goes_on_to_hold_stops_once_and_again_when_it_comes_back(bench: Bench, run: str) -> None:
    bench.ask("set_watching", watching=breakpoints("step > 25 and step != 30"))
    stops = []
    for _ in range(3):
        bench.ask("chunk", steps=20)
        bench.go_on()
        stops.append(bench.seen.step)
    assert stops[:2] == [26, 31]
    assert stops[2] == 51 and bench.seen.stop_kind == ""


def test_a_breakpoint_that_is_not_armed_stops_nothing(bench: Bench, run: str) -> None:
    bench.ask("set_watching", watching={"breakpoints": [{"expression": "step > 21", "enabled": False}], "watches": []})
    bench.chunk(5)
    assert (bench.seen.step, bench.seen.stop_kind) == (25, "")


def test_run_until_stops_at_the_first_step_at_which_it_holds_and_is_forgotten(bench: Bench, run: str) -> None:
    bench.ask("run", until="step >= 33")
    bench.go_on()
    assert (bench.seen.step, bench.seen.stop_kind) == (33, "until")
    assert "Reached at step 33: step >= 33" in bench.seen.stopped
    bench.chunk(5)
    assert (bench.seen.step, bench.seen.stop_kind) == (38, "")


def test_a_mean_knows_the_steps_before_it_was_asked_for(bench: Bench, run: str, home: Path) -> None:
    losses = recorded(home, run)["D_loss"].astype(np.float64)
    bench.ask("run", until=f"mean(D_loss, 10) > {float(losses[-9:].sum()) / 10 - 1e6}")
    bench.go_on()
    assert bench.seen.step == 21
    after = recorded(home, run)["D_loss"].astype(np.float64)
    assert f"{after[-10:].mean():.4g}" in bench.seen.stopped


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        ("D_real >", "goes wrong at its end"),
        ("D_reel > 0.5", "D_real"),
        ("D_loss + 1", "is a number"),
        ("D_loss / 0 > 1", "divided by 0"),
        ("D_real > 0.5 and " * 100_000, "characters"),
        ("__import__('os')", "goes wrong"),
    ],
)
def test_a_condition_that_makes_no_sense_is_refused_in_a_sentence_and_nothing_is_changed(
    bench: Bench, run: str, condition: str, sentence: str
) -> None:
    for ask in (
        lambda: bench.ask("run", until=condition),
        lambda: bench.ask("set_watching", watching=breakpoints(condition)),
    ):
        with pytest.raises(GenscopeError) as refused:
            ask()
        assert sentence in str(refused.value) and len(str(refused.value)) < 400
        assert (bench.seen.state, bench.seen.step, bench.seen.watching.breakpoints) == ("paused", 20, ())


def test_a_division_by_zero_while_it_runs_stops_the_run_with_a_sentence(bench: Bench, run: str) -> None:
    bench.ask("run", until="D_loss / (step - 24) > 1e9")
    bench.go_on()
    assert (bench.seen.state, bench.seen.step, bench.seen.stop_kind) == ("paused", 24, "mistake")
    assert "step 24" in bench.seen.stopped
    bench.chunk(3)
    assert bench.seen.step == 27


def test_back_ten_steps_and_forward_ten_gives_the_same_weights_and_records_nothing_new(
    bench: Bench, run: str, home: Path
) -> None:
    bench.ask("only", role="discriminator")
    bench.ask("set_live", **RATE, value=0.01)
    bench.chunk(12)
    there, before = bench.weights(), recorded(home, run)
    bench.ask("back", step=22)
    bench.go_on()
    assert (bench.seen.state, bench.seen.step, bench.seen.head) == ("paused", 22, 32)
    bench.ask("run_to", step=32)
    bench.go_on()
    assert bench.seen.step == 32
    assert same(there, bench.weights())
    after = recorded(home, run)
    assert all(np.array_equal(before[name], after[name], equal_nan=True) for name in before)
    with Store(home) as store:
        assert len(store.recent()) == 1


def test_back_to_before_a_change_takes_the_change_back_too(bench: Bench, run: str) -> None:
    bench.ask("set_live", **RATE, value=0.01)
    bench.chunk(5)
    bench.ask("back", step=15)
    bench.go_on()
    assert bench.seen.live["generator_optimizer.learning_rate"] != 0.01
    bench.ask("run_to", step=21)
    bench.go_on()
    assert bench.seen.live["generator_optimizer.learning_rate"] == 0.01


@pytest.mark.parametrize("change", ["set_live", "only"])
def test_back_followed_by_a_change_is_a_fork_that_shares_history_up_to_its_step(
    bench: Bench, run: str, home: Path, change: str
) -> None:
    before = recorded(home, run)
    bench.ask("back", step=12)
    bench.go_on()
    bench.ask(change, **({**RATE, "value": 0.01} if change == "set_live" else {"role": "discriminator"}))
    fork = bench.seen.run
    assert fork != run
    bench.chunk(6)
    with Store(home) as store:
        record, parent = store.run(fork), store.run(run)
        assert (record.parent, record.parent_step, record.step) == (run, 12, 18)
        assert (parent.step, parent.state) == (20, "paused")
        assert [event.kind for event in store.events(fork)][0] == "forked"
    assert all(np.array_equal(before[name], recorded(home, run)[name], equal_nan=True) for name in before)
    assert len(recorded(home, fork)["D_loss"]) == 6
    # The fork has the parent's weights of that step: without a change it would have gone the parent's way.
    bench.ask("back", step=12)
    bench.go_on()
    forked = bench.weights()
    bench.ask("resume", run=run, paused=True)
    bench.ask("back", step=12)
    bench.go_on()
    assert same(forked, bench.weights()) is (change == "set_live")


@pytest.mark.parametrize("step", [-1, -5000])
def test_back_past_the_first_step_is_refused(bench: Bench, run: str, step: int) -> None:
    with pytest.raises(Refusal, match="the earliest step that this run can return to is 0"):
        bench.ask("back", step=step)
    assert (bench.seen.step, bench.seen.state) == (20, "paused")


def test_back_past_the_beginning_of_a_fork_is_refused(bench: Bench, run: str) -> None:
    bench.ask("back", step=12)
    bench.go_on()
    bench.ask("only", role="generator")
    with pytest.raises(Refusal, match="is 12"):
        bench.ask("back", step=11)


def test_back_goes_to_a_kept_checkpoint_where_memory_has_nothing(bench: Bench, run: str) -> None:
    bench.ask("save")
    saved = bench.weights()
    bench.chunk(10)
    bench.ask("set_rewind", mebibytes=0)
    assert bench.seen.rewind.snapshots == () and 20 in bench.seen.rewind.checkpoints
    bench.ask("back", step=20)
    bench.go_on()
    assert same(saved, bench.weights())


def test_the_memory_of_rewind_is_told_and_bounded(bench: Bench, run: str) -> None:
    told = bench.seen.rewind
    assert told.snapshots and 0 < told.size <= told.budget
    with pytest.raises(Refusal, match="MiB"):
        bench.ask("set_rewind", mebibytes=-1)


def test_run_to_a_step_that_is_behind_is_refused_with_what_to_do(bench: Bench, run: str) -> None:
    with pytest.raises(Refusal, match="Back goes to an earlier one"):
        bench.ask("run_to", step=20)


def test_two_browsers_that_press_next_stage_at_once_go_on_one_stage(bench: Bench, run: str) -> None:
    seen = bench.seen.version
    bench.ask("next_stage", who="Ada", version=seen)
    with pytest.raises(StaleCommand, match="meanwhile Ada"):
        bench.ask("next_stage", who="Bob", version=seen)
    assert bench.seen.stage is not None and bench.seen.stage.number == 1


def test_while_it_runs_a_step_cannot_be_walked_nor_one_network_be_updated(bench: Bench, run: str) -> None:
    bench.ask("run", who="Bob")
    for kind in ("next_stage", "finish_step", "only"):
        with pytest.raises(StaleCommand, match="Bob set the run going"):
            bench.ask(kind, role="generator")


def test_breakpoints_and_watches_are_there_again_when_the_run_is_taken_up(
    bench: Bench, run: str, small: Small
) -> None:
    watching = {**breakpoints("step > 22"), "watches": ["D_real - D_fake"]}
    bench.ask("set_watching", watching=watching)
    bench.start(small())
    assert bench.seen.watching.as_json() == {"breakpoints": [], "watches": []}
    bench.ask("resume", run=run, switch=True, paused=True)
    assert bench.seen.watching.as_json() == watching
    assert bench.seen.state == "paused"
    bench.chunk(10)
    assert bench.seen.step == 23


def test_a_fork_carries_over_every_network_that_fits_and_says_which_began_afresh(
    bench: Bench, run: str, small: Small, home: Path
) -> None:
    before = bench.weights()
    bench.ask("fork", workflow=document.write(small("discriminator.hidden=24,16")))
    bench.ask("pause")
    fork = bench.seen.run
    with Store(home) as store:
        record = store.run(fork)
        said = store.events(fork)[0].text
        assert store.run(run).state == "paused"
    assert (record.parent, record.parent_step, bench.seen.step) == (run, 20, 20)
    assert "Carried over: generator with its optimizer's state." in said
    assert "Started afresh: discriminator" in said
    after = bench.weights()
    assert all(torch.equal(before[name], after[name]) for name in before if name.startswith("generator."))
    bench.ask("chunk", steps=3)
    bench.go_on()
    assert bench.seen.step == 23


def test_a_fork_to_the_same_workflow_goes_the_same_way(bench: Bench, run: str, small: Small) -> None:
    bench.ask("fork", workflow=document.write(small()), step=None)
    bench.chunk(10)
    forked = bench.weights()
    bench.ask("resume", run=run, paused=True, switch=True)
    bench.chunk(10)
    assert same(forked, bench.weights())


def test_a_fork_to_a_workflow_with_errors_is_refused_and_the_run_stays_as_it_is(
    bench: Bench, run: str, small: Small, home: Path
) -> None:
    with pytest.raises(Refusal, match="32×32"):
        bench.ask("fork", workflow=document.write(small("generator.image_size=32")))
    assert (bench.seen.run, bench.seen.state, bench.seen.step) == (run, "paused", 20)
    with Store(home) as store:
        assert len(store.recent()) == 1


def test_a_fork_from_a_step_without_a_checkpoint_is_refused_with_those_there_are(
    bench: Bench, run: str, small: Small
) -> None:
    with pytest.raises(Refusal, match="keeps no checkpoint of step 7"):
        bench.ask("fork", workflow=document.write(small()), step=7)


def test_the_discriminators_updates_a_step_change_while_it_runs(bench: Bench, run: str) -> None:
    bench.ask("set_live", node="training", parameter="discriminator_updates", value=3)
    bench.chunk(2)
    assert bench.seen.updates == {"d_updates": 26, "g_updates": 22}
    with pytest.raises(GenscopeError, match="Not changed"):
        bench.ask("set_live", node="training", parameter="discriminator_updates", value=1.5)


def test_the_checkups_metrics_are_recorded_and_can_be_waited_for(bench: Bench, run: str, home: Path) -> None:
    assert {"diversity", "energy_distance", "D_held_out"} <= recorded(home, run).keys()
    bench.ask("run", until="diversity > 0")
    bench.go_on()
    assert (bench.seen.step, bench.seen.stop_kind) == (21, "until")
