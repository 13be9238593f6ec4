"""Which wires fit between nodes, and why none does."""

from typing import Annotated, ClassVar

import pytest
from pydantic import Field

from pipeline.errors.workflow import UnknownNode
from pipeline.graph import edit
from pipeline.graph.connecting import compatible_sources, connections, make, why_none
from pipeline.graph.node import Category, Link, Node, Port
from pipeline.graph.workflow import NodeData, Workflow
from tests.graph.conftest import Colour, Length


class Dip(Node):
    """Paints a length."""

    title: ClassVar[str] = "Dip"
    category: ClassVar[Category] = "tool"
    outputs: ClassVar[tuple[type[Port], ...]] = (Colour,)

    length: Annotated[Link, Length, Field(description="What to paint.")]

    def infer(self, length: Length) -> Colour:
        return Colour()

    def build(self, building: object, length: object) -> None:
        return None


class Match(Node):
    """A length of this colour."""

    title: ClassVar[str] = "Match"
    category: ClassVar[Category] = "tool"
    outputs: ClassVar[tuple[type[Port], ...]] = (Length,)

    colour: Annotated[Link, Colour, Field(description="Its colour.")]

    def infer(self, colour: Colour) -> Length:
        return Length(1)

    def build(self, building: object, colour: object) -> None:
        return None


def test_a_wire_offers_outputs_of_its_type_that_make_no_cycle(workflow, registry):
    painted, paint = edit.add_node(workflow, "Paint", registry)
    painted, other = edit.add_node(painted, "Join", registry)
    painted = edit.connect(painted, other, "first", Link("join"))
    assert compatible_sources(painted, "join", "first", registry) == [
        ("a", 0, "Ruler"),
        ("b", 0, "Second ruler"),
        (paint, 1, "Paint"),
    ]


def described(found):
    return [(each.node, each.wire.name, each.source.node, each.source.output) for each in found]


def test_a_wire_fits_in_either_direction(workflow, registry):
    apart = edit.disconnect(workflow, "drill", "length")
    for one, other in (("join", "drill"), ("drill", "join")):
        found = connections(apart, one, other, registry)
        assert described(found) == [("drill", "length", "join", 0)]
    assert make(apart, found[0]) == workflow


def test_unconnected_inputs_come_first_and_wires_that_exist_are_left_out(workflow, registry):
    apart = edit.disconnect(workflow, "join", "second")
    assert described(connections(apart, "b", "join", registry)) == [
        ("join", "second", "b", 0),
        ("join", "first", "b", 0),
    ]
    assert described(connections(workflow, "a", "join", registry)) == [("join", "second", "a", 0)]
    assert connections(workflow, "join", "drill", registry) == []


def test_the_output_that_fits_is_taken(workflow, registry):
    painted, paint = edit.add_node(workflow, "Paint", registry)
    assert described(connections(painted, paint, "drill", registry)) == [("drill", "length", paint, 1)]


def test_a_sentence_says_why_no_wire_fits(workflow, registry):
    assert why_none(workflow, "a", "a", registry) == "Ruler cannot be connected to itself."
    assert why_none(workflow, "drill", "join", registry) == "Drill and Join are connected already."
    assert why_none(workflow, "a", "b", registry) == (
        "No output of Ruler and Second ruler fits an input of the other: Ruler takes nothing and gives short length; "
        "Second ruler takes nothing and gives short length."
    )
    with pytest.raises(UnknownNode):
        connections(workflow, "a", "z", registry)


def test_a_wire_that_would_make_a_circle_does_not_fit(workflow, registry):
    registry.register(Dip)
    registry.register(Match)
    dipped, dip = edit.add_node(workflow, "Dip", registry)
    dipped, match = edit.add_node(edit.connect(dipped, dip, "length", Link("a")), "Match", registry)
    dipped, saw = edit.insert_node(edit.connect(dipped, match, "colour", Link(dip)), "Saw", match, registry)
    assert connections(dipped, dip, saw, registry) == []
    assert why_none(dipped, saw, dip, registry) == "Saw depends on Dip: a wire back to Dip would make a circle."


def test_nodes_of_unknown_types_have_no_wires(workflow, registry):
    odd = Workflow("", {**workflow.nodes, "k": NodeData("KSampler", {"model": ["a", 0]})})
    assert connections(odd, "k", "drill", registry) == []
    assert "KSampler takes nothing and gives nothing" in why_none(odd, "k", "drill", registry)
