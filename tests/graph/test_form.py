from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.graph.form import Parameter, ParameterKind, increment, live_values, parameters, pressed, wires
from pipeline.graph.workflow import NodeData


def test_parameters_are_derived_from_fields(registry):
    metres, unit, weight, bent = parameters(registry["Ruler"])
    assert (metres.name, metres.label, metres.help, metres.kind) == ("metres", "Metres", "How long.", "int")
    assert (metres.default, metres.minimum, metres.maximum, metres.step) == (2, 1, 100, 1)
    assert metres.key
    assert not metres.live
    assert (unit.kind, unit.choices, unit.default) == ("choice", ("m", "cm"), "m")
    assert (weight.kind, weight.live, weight.log, weight.step) == ("float", True, True, None)
    assert (bent.kind, bent.default, bent.minimum) == ("bool", False, None)


def test_wires_are_not_parameters(registry):
    assert parameters(registry["Join"]) == ()
    first, second = wires(registry["Join"])
    assert (first.name, first.label, first.help, first.port.title) == ("first", "First", "One length.", "length")
    assert second.name == "second"


def test_a_parameter_missing_in_the_document_has_its_default(registry):
    metres = parameters(registry["Ruler"])[0]
    assert metres.value(NodeData("Ruler", {})) == 2
    assert metres.value(NodeData("Ruler", {"metres": 9})) == 9


def test_live_values_are_keyed_by_node_and_parameter(registry):
    assert live_values("a", registry["Ruler"](weight=0.25)) == {"a.weight": 0.25}


def number(kind: ParameterKind = "float", **facts: Any) -> Parameter:
    return Parameter("x", "X", "help", kind, **{"default": 0, "minimum": 0, "maximum": 10**6, **facts})


@pytest.mark.parametrize(
    ("value", "step"),
    [(2e-4, 1e-4), (1e-3, 5e-4), (3e-4, 1e-4), (1e-4, 5e-5), (5e-4, 2e-4), (0.9, 0.2), (0.05, 0.02), (1, 0.5)],
)
def test_a_learning_rate_is_raised_by_about_half_of_it(value: float, step: float) -> None:
    assert increment(number(log=True, default=2e-4, maximum=1), value) == step


def test_from_zero_a_learning_rate_is_raised_by_half_its_default() -> None:
    assert increment(number(log=True, default=2e-4), 0) == 1e-4
    assert increment(number(log=True, default=0), 0) == 1e-4


@pytest.mark.parametrize(
    ("step", "value", "pressed_by"),
    [(16, 64, 16), (16, 1024, 80), (4, 28, 4), (500, 3000, 500), (500, 100_000, 10_000), (1, 12_345, 1), (8, 0, 8)],
)
def test_a_size_is_changed_by_a_multiple_of_its_step(step: int, value: int, pressed_by: int) -> None:
    assert increment(number("int", step=step), value) == pressed_by
    assert pressed_by % step == 0


def test_a_fraction_below_its_step_is_changed_by_about_half_of_it() -> None:
    assert increment(number(step=0.1), 0.03) == 0.01
    assert increment(number(step=0.05), 0.5) == 0.05
    assert increment(number(), 0.8) == 0.2


@given(st.floats(1e-9, 1.0))
def test_a_press_never_leaves_the_range(value: float) -> None:
    rate = number(log=True, default=2e-4, minimum=0, maximum=1)
    step = increment(rate, value)
    assert 0.2 * value <= step <= 0.5 * value * (1 + 1e-6)
    assert value < pressed(rate, value, value + step) <= 1 or value == 1
    assert pressed(rate, value, value - step) == pytest.approx(value - step)


def test_a_press_stops_at_the_last_multiple_and_a_typed_value_is_left_alone() -> None:
    size = number("int", step=8, minimum=1, maximum=64)
    assert pressed(size, 8, 0) == 8
    assert pressed(size, 16, 8) == 8
    assert pressed(size, 64, 72) == 64
    assert pressed(size, 8, 100) == 100
    assert pressed(number(step=0.1, maximum=1), 0.2, 0.1 + 0.2) == 0.3
    assert pressed(number(step=0.1, maximum=1), 0.95, 1.05) == 1
