from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.graph.category import COMMON, NodeCategory
from pipeline.graph.layout import BOX_HEIGHT, BOX_WIDTH, COLUMN, ROUNDNESS, ROW, layout
from pipeline.graph.registry import Registry
from pipeline.graph.workflow import NodeData, Workflow


def boxes_on_wires(workflow, places):
    """(parent, child, box) of every wire that runs through a third node's box."""
    return [
        (parent, child, other)
        for child, above in workflow.parents().items()
        for parent in above
        for other, (x, y) in places.items()
        if other not in (parent, child)
        and any(
            abs(px - x) < BOX_WIDTH / 2 and abs(py - y) < BOX_HEIGHT / 2
            for px, py in bezier(places[parent], places[child])
        )
    ]


def bezier(start, end, samples=80):
    """Points of the cubic Bézier curve whose control points are straight below and above its ends."""
    (x0, y0), (x3, y3) = start, end
    y1, y2 = y0 + ROUNDNESS * (y3 - y0), y3 - ROUNDNESS * (y3 - y0)
    for number in range(samples + 1):
        t = number / samples
        a, b, c, d = (1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3
        yield (a + b) * x0 + (c + d) * x3, a * y0 + b * y1 + c * y2 + d * y3


def test_parents_are_above_their_children(workflow, registry):
    places = layout(workflow, registry)
    for child, above in workflow.parents().items():
        assert all(places[parent][1] < places[child][1] for parent in above)


def test_places_are_on_the_grid(workflow, registry):
    assert all(x % COLUMN == 0 and y % ROW == 0 for x, y in layout(workflow, registry).values())


def test_a_node_is_in_the_row_and_column_of_its_category(registry):
    elsewhere = Registry({**COMMON, "tool": NodeCategory("tool", row=2, column=-1, colour="sky")})
    elsewhere.register(registry["Saw"])
    assert layout(Workflow("", {"saw": NodeData("Saw", {})}), elsewhere) == {"saw": (-COLUMN, 2 * ROW)}


def test_a_wire_past_a_row_avoids_its_boxes(registry):
    nodes = {
        "a": NodeData("Ruler", {}),
        "b": NodeData("Join", {"first": ["a", 0], "second": ["a", 0]}),
        "c": NodeData("Join", {"first": ["b", 0], "second": ["a", 0]}),
        "drill": NodeData("Drill", {"length": ["c", 0], "extra": ["a", 0]}),
    }
    workflow = Workflow("", nodes)
    assert boxes_on_wires(workflow, layout(workflow, registry)) == []


def test_unwired_and_unknown_nodes_and_cycles_get_places_too(registry):
    nodes = {
        "x": NodeData("KSampler", {"model": ["y", 0]}),
        "y": NodeData("KSampler", {"model": ["x", 0]}),
        "alone": NodeData("Drill", {}),
        "twin": NodeData("Drill", {}),
        "nowhere": NodeData("Join", {"first": ["gone", 0]}),
    }
    places = layout(Workflow("", nodes), registry)
    assert list(places) == list(nodes)
    assert len(set(places.values())) == len(nodes)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.integers(0, 7), max_size=2), min_size=1, max_size=8))
def test_no_wire_runs_through_a_box_if_outputs_are_used_up_to_three_times(wiring):
    used: Counter[int] = Counter()
    nodes = {}
    for number, above in enumerate(wiring):
        taken = [parent for parent in dict.fromkeys(above) if parent < number and used[parent] < 3]
        used.update(taken)
        nodes[str(number)] = NodeData("Any", {f"from {parent}": [str(parent), 0] for parent in taken})
    workflow = Workflow("", nodes)
    assert boxes_on_wires(workflow, layout(workflow, Registry())) == []


def test_the_largest_possible_workflow_is_laid_out(registry):
    nodes = {
        str(number): NodeData("Any", {str(slot): [str((7 * number + 13 * slot) % 500), 0] for slot in range(2)})
        for number in range(500)
    }
    assert len(set(layout(Workflow("", nodes), registry).values())) == 500
