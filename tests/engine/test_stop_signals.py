"""Breakpoints and run-until conditions: the run stops at exactly the step at which its metrics fulfil them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors.base import GenscopeError
from pipeline.graph.workflow import Workflow
from pipeline.runs.watching import Breakpoint, Watching
from pipeline.runtime.messages.commands import Chunk, Resume, Run, SetWatching
from tests.engine.conftest import Bench, breakpoints, recorded

Small = Callable[..., Workflow]


def test_a_breakpoint_in_a_chunk_stops_at_the_first_step_that_fulfils_it(
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
    bench.ask(SetWatching, watching=breakpoints(f"D_real > {bound!r} and G_grad_norm > 0 and step > 20"))
    bench.chunk(120)
    snapshot = bench.snapshot
    assert (snapshot.state, snapshot.step, snapshot.stop_kind) == ("paused", expected, "breakpoint")
    assert f"Breakpoint at step {expected}: D_real > " in snapshot.stopped and "G_grad_norm " in snapshot.stopped


def test_a_breakpoint_stops_once_while_it_stays_true_and_again_when_it_becomes_true(bench: Bench, run: str) -> None:
    bench.ask(SetWatching, watching=breakpoints("step > 25 and step != 30"))
    stops = []
    for _ in range(3):
        bench.ask(Chunk, steps=20)
        bench.go_on()
        stops.append(bench.snapshot.step)
    assert stops[:2] == [26, 31]
    assert stops[2] == 51 and bench.snapshot.stop_kind == ""


def test_a_disabled_breakpoint_does_not_stop_the_run(bench: Bench, run: str) -> None:
    bench.ask(SetWatching, watching=Watching((Breakpoint("step > 21", enabled=False),)))
    bench.chunk(5)
    assert (bench.snapshot.step, bench.snapshot.stop_kind) == (25, "")


def test_run_until_stops_at_the_first_step_at_which_its_condition_is_true_and_only_once(bench: Bench, run: str) -> None:
    bench.ask(Run, until="step >= 33")
    bench.go_on()
    assert (bench.snapshot.step, bench.snapshot.stop_kind) == (33, "until")
    assert "Reached at step 33: step >= 33" in bench.snapshot.stopped
    bench.chunk(5)
    assert (bench.snapshot.step, bench.snapshot.stop_kind) == (38, "")


def test_a_mean_includes_the_steps_before_the_condition_was_set(bench: Bench, run: str, home: Path) -> None:
    losses = recorded(home, run)["D_loss"].astype(np.float64)
    bench.ask(Run, until=f"mean(D_loss, 10) > {float(losses[-9:].sum()) / 10 - 1e6}")
    bench.go_on()
    assert bench.snapshot.step == 21
    after = recorded(home, run)["D_loss"].astype(np.float64)
    assert f"{after[-10:].mean():.4g}" in bench.snapshot.stopped


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
def test_an_invalid_condition_is_refused_and_nothing_is_changed(
    bench: Bench, run: str, condition: str, sentence: str
) -> None:
    for ask in (
        lambda: bench.ask(Run, until=condition),
        lambda: bench.ask(SetWatching, watching=breakpoints(condition)),
    ):
        with pytest.raises(GenscopeError) as refused:
            ask()
        assert sentence in str(refused.value) and len(str(refused.value)) < 400
        assert (bench.snapshot.state, bench.snapshot.step, bench.snapshot.watching.breakpoints) == ("paused", 20, ())


def test_a_condition_that_divides_by_zero_during_training_pauses_the_run(bench: Bench, run: str) -> None:
    bench.ask(Run, until="D_loss / (step - 24) > 1e9")
    bench.go_on()
    assert (bench.snapshot.state, bench.snapshot.step, bench.snapshot.stop_kind) == ("paused", 24, "mistake")
    assert "step 24" in bench.snapshot.stopped
    bench.chunk(3)
    assert bench.snapshot.step == 27


def test_breakpoints_and_watches_are_restored_when_the_run_is_resumed(bench: Bench, run: str, small: Small) -> None:
    watching = replace(breakpoints("step > 22"), watches=("D_real - D_fake",))
    bench.ask(SetWatching, watching=watching)
    bench.start(small())
    assert bench.snapshot.watching == Watching()
    bench.ask(Resume, run=run, switch=True, paused=True)
    assert bench.snapshot.watching == watching
    assert bench.snapshot.state == "paused"
    bench.chunk(10)
    assert bench.snapshot.step == 23


def test_the_checkup_metrics_are_recorded_and_can_be_used_in_conditions(bench: Bench, run: str, home: Path) -> None:
    assert {"diversity", "energy_distance", "D_held_out"} <= recorded(home, run).keys()
    bench.ask(Run, until="diversity > 0")
    bench.go_on()
    assert (bench.snapshot.step, bench.snapshot.stop_kind) == (21, "until")
