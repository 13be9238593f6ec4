from pipeline.graph.form import live_values, parameters, wires
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
