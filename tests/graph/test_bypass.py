"""A bypassed node is replaced by what it passes through."""

import pytest

from pipeline.errors.workflow import CannotBypass, InvalidValue, UnknownNode, UnknownParameter
from pipeline.graph import document, edit
from pipeline.graph.bypass import set_bypassed, without_bypassed
from pipeline.graph.check import check
from pipeline.graph.node import Link
from pipeline.graph.workflow import NodeData


@pytest.fixture
def cut(workflow, registry):
    """a, b -> join -> saw -> saw_2 -> drill."""
    once, first = edit.insert_node(workflow, "Saw", "join", registry)
    return edit.insert_node(once, "Saw", first, registry)[0]


def test_a_workflow_without_its_bypassed_nodes_is_the_one_before_they_were_inserted(workflow, cut, registry):
    first = set_bypassed(cut, "saw", True, registry)
    both = set_bypassed(first, "saw_2", True, registry)
    assert without_bypassed(first, registry) == edit.remove_node(cut, "saw", registry)
    assert without_bypassed(both, registry) == workflow
    assert without_bypassed(cut, registry) is cut
    assert set_bypassed(first, "saw", False, registry) == cut


def test_the_check_sees_no_bypassed_node_but_knows_its_title(cut, registry):
    cut = edit.rename_node(set_bypassed(cut, "saw", True, registry), "saw", "My saw")
    report = check(cut, registry)
    assert report.ok
    assert "saw" not in report.nodes and "saw" not in report.ports and "saw" not in report.workflow.nodes
    assert report.titles["saw"] == "My saw"


def test_a_bypassed_node_without_an_input_is_reported_as_the_one_at_fault(cut, registry):
    cut = edit.disconnect(set_bypassed(cut, "saw", True, registry), "saw", "length")
    report = check(cut, registry)
    assert report.sentences() == ["saw (Saw): Length is not connected; wire the length of another node to it."]
    assert list(report.node_errors) == ["saw"]


def test_only_a_node_that_passes_an_input_through_can_be_bypassed(workflow, registry):
    for node_id in ("a", "join", "drill"):
        with pytest.raises(CannotBypass, match=f"Node '{node_id}' cannot be bypassed"):
            set_bypassed(workflow, node_id, True, registry)
    with pytest.raises(UnknownNode):
        set_bypassed(workflow, "z", True, registry)


def test_a_bypass_of_another_node_in_a_file_is_a_problem(workflow, registry):
    nodes = {**workflow.nodes, "join": NodeData("Join", workflow.nodes["join"].inputs, bypassed=True)}
    report = check(type(workflow)("", nodes), registry)
    assert [(problem.node, problem.type) for problem in report.problems] == [("join", "cannot_bypass")]
    assert "Turn Bypass off." in report.problems[0].message


def test_bypassed_nodes_in_a_circle_are_reported_as_a_circle(cut, registry):
    for node_id in ("saw", "saw_2"):
        cut = set_bypassed(cut, node_id, True, registry)
    report = check(edit.connect(cut, "saw", "length", Link("saw_2")), registry)
    assert [problem.type for problem in report.problems] == ["cycle"]


def test_a_file_keeps_it_and_a_file_without_it_has_none(cut, registry):
    cut = edit.rename_node(set_bypassed(cut, "saw", True, registry), "saw", "My saw")
    text = document.write(cut)
    assert '"_meta": {\n        "title": "My saw",\n        "bypass": true\n      }' in text
    assert document.read(text, "It") == cut
    assert not document.read(text.replace('"bypass": true', '"bypass": "yes"'), "It").nodes["saw"].bypassed
    assert "bypass" not in document.write(edit.set_parameter(cut, "a", "metres", 4, registry)).partition('"saw"')[0]


def test_settings_bypass_a_node_and_change_a_bypassed_one(workflow, cut, registry):
    bypassed = edit.apply_settings(cut, ["saw.bypass=true", "saw_2.bypass=true"], registry)
    assert without_bypassed(bypassed, registry) == workflow
    assert edit.apply_settings(bypassed, ["saw.bypass=false", "saw_2.bypass=false"], registry) == cut
    with pytest.raises(InvalidValue, match="Bypass is 'maybe', not true or false"):
        edit.apply_settings(cut, ["saw.bypass=maybe"], registry)
    with pytest.raises(UnknownParameter):
        edit.apply_settings(cut, ["join.bypass=true"], registry)
