"""Undo and redo select what they changed, and any sequence of edits can be undone exactly."""

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors.base import GenscopeError
from pipeline.graph import document, edit
from pipeline.graph.adding import offers, place_node
from pipeline.graph.bypass import set_bypassed, without_bypassed
from pipeline.graph.check import check
from pipeline.graph.connecting import connections, make, why_none
from pipeline.graph.copying import copy_nodes, paste_nodes
from pipeline.graph.edit import UndoHistory
from pipeline.graph.replacing import alternatives, swap_node
from pipeline.graph.selection import selection_after
from pipeline.nodes.catalogue import NODES
from pipeline.studio.workflows import open_template

ACTIONS = ("add", "remove", "connect", "disconnect", "swap", "duplicate", "bypass", "undo", "redo")


def test_what_was_added_or_changed_is_selected(workflow, registry):
    changed = edit.set_parameter(workflow, "a", "metres", 9, registry)
    assert selection_after(changed, workflow, "drill") == "a"
    removed = edit.remove_node(workflow, "join", registry)
    assert selection_after(removed, workflow, "drill") == "join"
    assert selection_after(workflow, removed, "join") == "drill"


def test_the_selected_node_stays_if_it_changed_too_or_nothing_did(workflow, registry):
    removed = edit.remove_node(workflow, "a", registry)
    both = edit.set_parameter(edit.rename_node(removed, "b", "B"), "b", "metres", 9, registry)
    assert selection_after(removed, edit.rename_node(both, "drill", "D"), "drill") == "drill"
    assert selection_after(workflow, workflow, "b") == "b"
    assert selection_after(workflow, removed, "a") == "join"


def changed(draw, action, workflow):
    """The workflow after one random edit."""
    nodes = st.sampled_from(list(workflow.nodes) or [""])
    one = draw(nodes)
    if action == "add":
        kind = draw(st.sampled_from([each.class_type for each in offers(workflow, one, NODES)]))
        return place_node(workflow, kind, one, NODES)[0]
    if not workflow.nodes:
        return workflow
    match action:
        case "remove":
            return edit.remove_node(workflow, one, NODES)
        case "connect":
            other = draw(nodes)
            found = connections(workflow, one, other, NODES)
            assert found or why_none(workflow, one, other, NODES)
            return make(workflow, draw(st.sampled_from(found))) if found else workflow
        case "disconnect":
            links = [name for name, _ in workflow.nodes[one].links()]
            return edit.disconnect(workflow, one, draw(st.sampled_from(links))) if links else workflow
        case "swap":
            kinds = [each.__name__ for each in alternatives(workflow, one, NODES)]
            return swap_node(workflow, one, draw(st.sampled_from(kinds)), NODES) if kinds else workflow
        case "duplicate":
            return paste_nodes(workflow, copy_nodes(workflow, [one]), NODES)[0]
    try:
        return set_bypassed(workflow, one, not workflow.nodes[one].bypassed, NODES)
    except GenscopeError:
        return workflow


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_any_edits_leave_a_workflow_that_is_checked_saved_and_undone_exactly(data):
    history = UndoHistory(open_template("wgan-gp"))
    first, selected = history.present, "objective"
    for action in data.draw(st.lists(st.sampled_from(ACTIONS), max_size=12)):
        before = history
        match action:
            case "undo":
                history = history.undo()
                assert not before.past or history.redo() == before
            case "redo":
                history = history.redo()
            case _:
                history = history.push(changed(data.draw, action, history.present))
        selected = selection_after(before.present, history.present, selected)
        assert selected in history.present.nodes or not history.present.nodes
        report = check(history.present, NODES)
        assert all(problem.node is None or problem.node in history.present.nodes for problem in report.problems)
        assert report.sentences() and report.as_dict() if not report.ok else report.order
        assert document.read(document.write(history.present), "It") == history.present
        assert check(without_bypassed(history.present, NODES), NODES).problems == report.problems
    while history.past:
        history = history.undo()
    assert history.present == first
