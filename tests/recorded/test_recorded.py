"""The hints for two recorded real runs, and a check that new runs behave the same."""

from pathlib import Path

import pytest

from tests.recorded.record import PENALTIES, SEED, STEPS, hints_on, load, train


def judged(series, steps=STEPS):
    """The codes of the hints that a page would have shown after `steps` steps."""
    return [hint.code for hint in hints_on(series, 0, steps)]


def test_the_run_without_penalties_gets_the_hint_of_mode_collapse():
    collapsed = load("collapsed")
    assert collapsed["diversity"][-1] < 0.1
    assert "mode-collapse" in judged(collapsed)


def test_the_run_with_penalties_gets_no_hint_at_any_time():
    healthy = load("healthy")
    assert healthy["diversity"][-1] > 0.8
    assert {steps: found for steps in range(50, STEPS + 1, 50) if (found := judged(healthy, steps))} == {}


@pytest.mark.slow
def test_a_real_run_with_another_seed_collapses_without_penalties_and_stays_varied_with_them(tmp_path: Path):
    runs = {name: train(gamma, tmp_path, SEED + 1) for name, gamma in PENALTIES.items()}
    assert runs["collapsed"]["diversity"][-500:].max() < 0.2
    assert runs["healthy"]["diversity"][-500:].min() > 0.6
    assert "mode-collapse" in judged(runs["collapsed"])
    assert judged(runs["healthy"]) == []
