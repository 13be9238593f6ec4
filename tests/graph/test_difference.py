"""What differs between workflows, node by node."""

from dataclasses import replace

from pipeline.graph.difference import NodeDifference, differences
from pipeline.graph.node import Link
from pipeline.graph.registry import Registry
from pipeline.graph.workflow import NodeData, Workflow

RULER = NodeData("Ruler", {"metres": 3})
SAW = NodeData("Saw", {"length": ["ruler", 0]})
BEFORE = Workflow("before", {"ruler": RULER, "saw": SAW})


def with_nodes(**nodes: NodeData) -> Workflow:
    return replace(BEFORE, nodes={**BEFORE.nodes, **nodes})


def test_equal_workflows_differ_in_nothing_whatever_their_names_titles_and_order(registry: Registry) -> None:
    other = Workflow("after", {"saw": replace(SAW, title="Cut"), "ruler": replace(RULER, title="Rule")}, "a text")
    assert differences([BEFORE, other, BEFORE], registry) == ()
    assert differences([BEFORE], registry) == differences([], registry) == ()


def test_a_parameter_that_a_document_leaves_out_has_its_default(registry: Registry) -> None:
    silent = with_nodes(ruler=NodeData("Ruler", {}))
    assert differences([silent, with_nodes(ruler=NodeData("Ruler", {"metres": 2, "unit": "m"}))], registry) == ()
    (found,) = differences([BEFORE, silent, BEFORE], registry)
    assert found == NodeDifference("ruler", (RULER, silent.nodes["ruler"], RULER), {"metres": (3, 2, 3)})


def test_a_node_that_some_workflows_lack_is_missing_there(registry: Registry) -> None:
    more = with_nodes(paint=NodeData("Paint", {}))
    other = with_nodes(ruler=NodeData("Ruler", {"metres": 4}))
    ruler, paint = differences([BEFORE, more, other], registry)
    assert (ruler.parameters, ruler.missing) == ({"metres": (3, 3, 4)}, False)
    assert (paint.nodes, paint.missing) == ((None, NodeData("Paint", {}), None), True)
    # Its values are compared where it is.
    third = with_nodes(ruler=NodeData("Ruler", {"metres": 4}))
    without = Workflow("without", {"saw": SAW})
    found = {each.node: each for each in differences([BEFORE, without, third], registry)}
    assert found["ruler"].parameters == {"metres": (3, None, 4)}


def test_a_link_differs_if_its_source_does(registry: Registry) -> None:
    paint = NodeData("Paint", {})
    before = with_nodes(paint=paint)
    after = with_nodes(paint=paint, saw=NodeData("Saw", {"length": ["paint", 1]}))
    loose = with_nodes(paint=paint, saw=NodeData("Saw", {}))
    (found,) = differences([before, after, loose], registry)
    assert (found.node, found.parameters) == ("saw", {})
    assert found.links == {"length": (Link("ruler"), Link("paint", 1), None)}


def test_of_another_type_only_what_both_have_is_compared(registry: Registry) -> None:
    join = with_nodes(saw=NodeData("Join", {"first": ["ruler", 0]}))
    drill = with_nodes(saw=NodeData("Drill", {"length": ["paint", 0]}))
    (found,) = differences([BEFORE, join], registry)
    assert (found.types, found.replaced, found.links, found.parameters) == (("Saw", "Join"), True, {}, {})
    (found,) = differences([BEFORE, drill], registry)
    assert found.links == {"length": (Link("ruler"), Link("paint"))}


def test_a_switch_of_the_bypass_is_a_difference(registry: Registry) -> None:
    (found,) = differences([BEFORE, with_nodes(saw=replace(SAW, bypassed=True))], registry)
    assert (found.node, found.bypassed, found.switched) == ("saw", (False, True), True)


def test_of_an_unknown_type_everything_in_the_document_is_compared(registry: Registry) -> None:
    one, other = (with_nodes(odd=NodeData("Odd", {"depth": depth, "list": [1, 2, 3]})) for depth in (1, 2))
    (found,) = differences([one, other], registry)
    assert found.parameters == {"depth": (1, 2)}
