import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.graph.node import Link
from pipeline.graph.workflow import NodeData, Workflow, ancestors, as_link, flow_order


def test_a_pair_of_id_and_number_is_a_link():
    assert as_link(["a", 0]) == Link("a", 0)


@pytest.mark.parametrize(
    "value", ["a", ["a"], ["a", "0"], [0, "a"], ["a", True], ["a", 0, 1], None, {"a": 0}, ["a", 0.0]]
)
def test_anything_else_is_a_literal(value):
    assert as_link(value) is None


def test_parents_leave_out_missing_nodes_and_duplicates():
    workflow = Workflow("", {"a": NodeData("A", {}), "b": NodeData("B", {"x": ["a", 0], "y": ["a", 1], "z": ["c", 0]})})
    assert workflow.parents() == {"a": [], "b": ["a"]}


def test_flow_order_lists_parents_before_children():
    order, cycles = flow_order({"c": ["b"], "b": ["a"], "a": []})
    assert order == ["a", "b", "c"]
    assert cycles == []


def test_a_cycle_is_listed_in_the_direction_of_flow_without_downstream_nodes():
    order, cycles = flow_order({"end": ["b"], "a": ["c"], "b": ["a"], "c": ["b"], "alone": []})
    assert cycles == [["a", "b", "c"]]
    assert order == ["alone", "a", "b", "end", "c"]


def test_a_node_that_feeds_itself_is_a_cycle():
    assert flow_order({"a": ["a"]}) == (["a"], [["a"]])


def test_ancestors_include_the_node_itself_and_work_with_cycles():
    assert ancestors("c", {"a": ["b"], "b": ["a"], "c": ["b"], "d": []}) == {"a", "b", "c"}


@given(st.dictionaries(st.integers(0, 12), st.lists(st.integers(0, 12), max_size=4)))
def test_flow_order_has_every_node_once_and_cuts_only_cycles(edges):
    parents = {str(node): [str(p) for p in dict.fromkeys(above) if p in edges] for node, above in edges.items()}
    order, cycles = flow_order(parents)
    assert sorted(order) == sorted(parents)
    for cycle in cycles:
        assert all(before in parents[node] for before, node in zip(cycle, cycle[1:] + cycle[:1], strict=True))
    if not cycles:
        assert all(order.index(p) < order.index(node) for node, above in parents.items() for p in above)
