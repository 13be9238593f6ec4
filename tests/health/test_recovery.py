"""The hint on diversity that was lost and came back."""

import pytest

from pipeline.health.hint import Suggestion
from pipeline.health.recovery import near_collapse
from tests.health.made_up import codes_of, only_hint
from tests.recorded.record import hints_on, load

RULES = [near_collapse("painter", "Paint more slowly.", (Suggestion("painter optimizer", "learning_rate"),))]


def test_lost_and_regained_diversity_is_told_with_its_lowest_step(run):
    hint = only_hint(run(diversity=[0.9] * 8 + [0.5, 0.25, 0.5] + [0.9] * 5), RULES, "near-collapse")
    assert hint.evidence == {"diversity before": 0.9, "diversity at its lowest": 0.25, "step": 700, "diversity": 0.9}
    assert hint.severity == "info" and hint.remedy == "Paint more slowly."


@pytest.mark.parametrize(
    "diversity",
    [
        [0.05, 0.1, 0.3, 0.6, 0.8, 0.9, 0.9, 0.9],
        [0.9] * 8 + [0.2] * 4,
        [0.9] * 8 + [0.2, 0.9],
        [0.9] * 6 + [0.55, 0.9, 0.9],
        [0.9] * 12,
    ],
    ids=["a usual start", "lost for good", "not yet regained", "a dip", "never lost"],
)
def test_other_courses_of_diversity_give_no_hint(run, diversity):
    assert codes_of(run(diversity=diversity), RULES) == []


def test_the_recorded_healthy_run_had_no_near_collapse():
    codes = [hint.code for steps in range(300, 1501, 100) for hint in hints_on(load("healthy"), 0, steps)]
    assert "near-collapse" not in codes
