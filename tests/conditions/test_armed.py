"""Armed conditions: step by step they agree with the whole run and say which values decided."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.conditions.armed import ArmedCondition
from pipeline.conditions.expression import parse, require_condition
from pipeline.errors.base import Refusal
from pipeline.errors.conditions import DividedByZero, NotACondition
from tests.conditions.expressions import METRICS, histories, rows, same, truths
from tests.conditions.test_meaning import parsed

NAMES = ["D_loss", "G_loss", "D_real", "D_fake"]


def watched(armed, columns, steps):
    """The verdicts as in `Expression.values` (1, 0, NaN on division by zero), and the evidence of each."""
    found, evidence = [], []
    for step, metrics in rows(columns, steps):
        try:
            verdict = armed.next(step, metrics)
            found.append(float(verdict.holds))
            evidence.append(verdict.evidence)
        except DividedByZero:
            found.append(math.nan)
            evidence.append({})
    return found, evidence


@given(truths(means=True), histories())
def test_step_by_step_a_condition_equals_its_values_over_the_whole_run(texts, history):
    expression = parsed(texts[0])
    found, evidence = watched(ArmedCondition(expression), *history)
    assert same(found, expression.values(*history).tolist())
    for i, each in enumerate(evidence):
        for text, value in each.items():
            assert same([value], [parse(text, METRICS).values(*history)[i]])


@given(truths(means=True), histories(), st.data())
def test_a_seeded_condition_continues_as_if_it_had_seen_the_past(texts, history, data):
    columns, steps = history
    expression = parsed(texts[0])
    now = data.draw(st.integers(0, len(steps)))
    # Missing steps may make the needed past shorter than `memory`, never longer.
    first = data.draw(st.integers(0, max(0, now - expression.memory)))
    armed = ArmedCondition(expression)
    watched(armed, columns, steps)
    armed.seed({name: values[first:now] for name, values in columns.items()}, steps[first:now])
    found, _ = watched(armed, {name: values[now:] for name, values in columns.items()}, steps[now:])
    assert same(found, expression.values(columns, steps)[now:].tolist())


@pytest.mark.parametrize(
    ("text", "holds", "evidence"),
    [
        ("D_real > 0.9", True, {"D_real": 0.95}),
        ("D_real > 0.9 and D_loss < 1", True, {"D_real": 0.95, "D_loss": 0.5}),
        ("D_real > 0.9 and D_loss > 1", False, {"D_loss": 0.5}),
        ("D_real > 0.99 or D_loss < 1", True, {"D_loss": 0.5}),
        ("D_real > 0.99 or D_loss > 1", False, {"D_real": 0.95, "D_loss": 0.5}),
        ("D_real > 0.9 and (D_loss > 1 or isnan(G_loss))", True, {"D_real": 0.95, "G_loss": math.nan}),
        ("0 < D_loss < D_real < 1", True, {"D_loss": 0.5, "D_real": 0.95}),
        ("abs( D_loss-1 )==.5", True, {"D_loss": 0.5, "abs( D_loss-1 )": 0.5}),
        ("max(D_loss, D_real) > 0.9", True, {"D_loss": 0.5, "D_real": 0.95, "max(D_loss, D_real)": 0.95}),
        ("mean(D_loss, 3) > 1", True, {"mean(D_loss, 3)": 1.5}),
        ("not mean(abs(D_loss), 3) < 1", True, {"mean(abs(D_loss), 3)": 1.5}),
        ("step == 12", True, {"step": 12}),
        ("1 < 2", True, {}),
    ],
)
def test_a_verdict_has_the_values_that_decided_it(text, holds, evidence):
    armed = ArmedCondition(parse(text, NAMES))
    armed.seed({name: np.array([2.0, 2.0]) for name in NAMES}, np.array([10, 11]))
    verdict = armed.next(12, {"D_real": 0.95, "D_loss": 0.5, "G_loss": math.nan, "D_fake": 0.0})
    assert verdict.holds is holds
    assert list(verdict.evidence) == list(evidence)
    assert same(list(verdict.evidence.values()), list(evidence.values()))


def test_a_division_by_zero_is_refused_with_its_step_and_divisor():
    armed = ArmedCondition(parse("D_loss / (G_loss - 1) > 2", NAMES))
    assert armed.next(811, {"D_loss": 1.0, "G_loss": 1.25}).holds
    with pytest.raises(DividedByZero) as caught:
        armed.next(1812, {"D_loss": 1.0, "G_loss": 1.0})
    assert str(caught.value) == (
        "The expression 'D_loss / (G_loss - 1) > 2' divides by zero at step 1,812: (G_loss - 1) is 0 there. "
        "Guard it: (G_loss - 1) != 0 and (D_loss / (G_loss - 1) > 2)."
    )
    assert isinstance(caught.value, Refusal)
    assert armed.next(1813, {"D_loss": 1.0, "G_loss": 1.25}).holds


def test_a_mean_is_updated_even_if_it_is_not_evaluated():
    armed = ArmedCondition(parse("D_real > 0 and mean(1 / D_loss, 3) > 1", NAMES))
    for step, loss in enumerate([0.5, 0.0, 0.25]):
        assert not armed.next(step, {"D_real": 0.0, "D_loss": loss}).holds
    verdict = armed.next(3, {"D_real": 1.0, "D_loss": 0.125})
    assert verdict.evidence["mean(1 / D_loss, 3)"] == 6.0


def test_a_mean_raises_at_a_step_that_divides_by_zero_and_ignores_it_later():
    armed = ArmedCondition(parse("mean(D_real / D_loss, 3) > 1", NAMES))
    assert armed.next(1, {"D_real": 1.0, "D_loss": 0.5}).holds
    with pytest.raises(DividedByZero, match=r"by zero at step 2: D_loss is 0 there"):
        armed.next(2, {"D_real": 1.0, "D_loss": 0.0})
    verdict = armed.next(3, {"D_real": 1.0, "D_loss": 0.25})
    assert verdict.evidence == {"mean(D_real / D_loss, 3)": 3.0}


def test_seeding_replaces_the_earlier_history():
    armed = ArmedCondition(parse("mean(D_loss, 10) > 1", NAMES))
    for step in range(11, 19):
        armed.next(step, {"D_loss": 100.0})
    armed.seed({"D_loss": np.array([1.0, 3.0])}, np.array([11, 12]))
    assert armed.next(13, {"D_loss": 5.0}).evidence == {"mean(D_loss, 10)": 3.0}


def test_float32_metrics_are_evaluated_as_float64():
    third = np.float32(1 / 3)
    verdict = ArmedCondition(parse("abs(D_loss * 3) > 0", NAMES)).next(1, {"D_loss": third})
    assert [type(value) for value in verdict.evidence.values()] == [float, float]
    assert verdict.evidence["abs(D_loss * 3)"] == float(third) * 3


def test_two_armed_conditions_of_one_expression_share_no_history():
    expression = parse("mean(D_loss, 9) > 1", NAMES)
    one, other = ArmedCondition(expression), ArmedCondition(expression)
    assert one.next(1, {"D_loss": 5.0}).holds
    assert not other.next(1, {"D_loss": 0.5}).holds
    assert one.next(2, {"D_loss": 0.5}).holds


def test_only_a_condition_can_be_armed():
    number = parse("D_loss", NAMES)
    sentence = "D_loss is a number, not a condition. Compare it with something: D_loss > 2."
    for refuse in (require_condition, ArmedCondition):
        with pytest.raises(NotACondition) as caught:
            refuse(number)
        assert str(caught.value) == sentence
    require_condition(parse("isnan(D_loss)", NAMES))


@pytest.mark.parametrize(
    "text",
    ["not G_loss < 5", "G_loss != 5", "isnan(G_loss)", "not mean(G_loss, 3) < 5", "G_loss < 5", "1 / G_loss > 0"],
)
def test_what_belongs_to_another_phase_never_makes_a_condition_hold(text):
    armed = ArmedCondition(parse(text, NAMES))
    assert not armed.next(1, {"D_loss": 0.3}).holds


def test_a_gap_does_not_keep_the_other_phase_from_deciding():
    armed = ArmedCondition(parse("D_loss > 1 or not G_loss < 5", NAMES))
    verdicts = [armed.next(1, {"D_loss": 2.0}), armed.next(2, {"D_loss": 0.5}), armed.next(3, {"G_loss": 7.0})]
    assert [verdict.holds for verdict in verdicts] == [True, False, True]
    assert verdicts[0].evidence == {"D_loss": 2.0}


def test_a_mean_across_the_boundary_of_two_phases_is_that_of_the_steps_with_a_value():
    armed = ArmedCondition(parse("mean(G_loss, 3) > 5", NAMES))
    found = [armed.next(1, {"G_loss": 8.0}), *(armed.next(step, {"D_loss": 1.0}) for step in (2, 3, 4))]
    assert [verdict.holds for verdict in found] == [True, True, True, False]
