"""Copied nodes are pasted with the wires that fit."""

import pytest

from pipeline.errors.workflow import UnknownNode
from pipeline.graph import edit
from pipeline.graph.copying import copy_nodes, paste_nodes
from pipeline.graph.workflow import NodeData, Workflow


def test_a_pasted_node_keeps_its_parameters_title_and_wires(workflow, registry):
    pasted, (join, b) = paste_nodes(workflow, copy_nodes(workflow, ["join", "b"]), registry)[0], ("join_2", "b_2")
    assert list(pasted.nodes) == ["a", "b", "join", "drill", b, join]
    assert pasted.nodes[b] == workflow.nodes["b"]
    assert pasted.nodes[join].inputs == {"first": ["a", 0], "second": [b, 0]}
    assert all(pasted.nodes[node_id] == node for node_id, node in workflow.nodes.items())


def test_another_paste_counts_on(workflow, registry):
    copied = copy_nodes(workflow, ["a"])
    once, first = paste_nodes(workflow, copied, registry)
    twice, second = paste_nodes(once, copied, registry)
    third = paste_nodes(twice, copy_nodes(twice, second), registry)[1]
    assert (first, second, third) == (["a_2"], ["a_3"], ["a_4"])


def test_in_another_workflow_wires_to_missing_or_other_nodes_are_dropped(workflow, registry):
    copied = copy_nodes(workflow, ["join", "drill"])
    other = Workflow("", {"a": NodeData("Ruler", {}), "b": NodeData("Stamp", {})})
    pasted, _ = paste_nodes(other, copied, registry)
    assert pasted.nodes["join"].inputs == {"first": ["a", 0]}
    assert pasted.nodes["drill"].inputs == {"length": ["join", 0]}


def test_nodes_of_unknown_types_are_pasted_too(registry):
    odd = Workflow("", {"3": NodeData("KSampler", {"model": ["4", 0], "seed": 1}), "4": NodeData("Loader", {})})
    pasted, ids = paste_nodes(odd, copy_nodes(odd, ["3"]), registry)
    assert pasted.nodes[ids[0]] == odd.nodes["3"]


def test_a_node_that_does_not_exist_cannot_be_copied(workflow):
    with pytest.raises(UnknownNode):
        copy_nodes(workflow, ["z"])


def test_bypassed_nodes_stay_bypassed(workflow, registry):
    cut, saw = edit.insert_node(workflow, "Saw", "join", registry)
    cut = edit.apply_settings(cut, [f"{saw}.bypass=true"], registry)
    assert paste_nodes(cut, copy_nodes(cut, [saw]), registry)[0].nodes["saw_2"].bypassed
