import pytest

from pipeline.errors.workflow import (
    CannotInsert,
    InvalidValue,
    UnknownNode,
    UnknownNodeType,
    UnknownParameter,
    UnreadableSetting,
)
from pipeline.graph import edit
from pipeline.graph.check import check
from pipeline.graph.edit import UndoHistory
from pipeline.graph.node import Link
from pipeline.graph.workflow import NodeData, Workflow


def test_an_added_node_gets_a_new_id_and_no_inputs(workflow, registry):
    once, first = edit.add_node(workflow, "Ruler", registry)
    twice, second = edit.add_node(once, "Ruler", registry)
    assert (first, second) == ("ruler", "ruler_2")
    assert twice.nodes["ruler_2"] == NodeData("Ruler", {})
    assert "ruler" not in workflow.nodes


def test_adding_an_unknown_type_is_refused(workflow, registry):
    with pytest.raises(UnknownNodeType):
        edit.add_node(workflow, "KSampler", registry)


def test_an_inserted_node_is_put_into_the_wires_from_another(workflow, registry):
    cut, saw = edit.insert_node(workflow, "Saw", "join", registry)
    assert saw == "saw"
    assert cut.nodes["saw"].inputs == {"length": ["join", 0]}
    assert cut.nodes["drill"].inputs == {"length": ["saw", 0]}
    assert check(cut, registry).ok


def test_an_inserted_node_takes_over_only_wires_of_its_output_type(workflow, registry):
    cut, _ = edit.insert_node(workflow, "Saw", "a", registry)
    assert cut.nodes["join"].inputs == {"first": ["saw", 0], "second": ["b", 0]}


def test_a_replaced_node_keeps_the_wires_from_the_old_one(workflow, registry):
    changed = edit.replace_node(workflow, "a", NodeData("Ruler", {"length": 7}))
    assert changed.nodes["a"].inputs == {"length": 7}
    assert changed.nodes["join"] == workflow.nodes["join"]
    assert list(changed.nodes) == list(workflow.nodes)
    with pytest.raises(UnknownNode):
        edit.replace_node(workflow, "nobody", NodeData("Ruler", {}))


def test_a_node_whose_input_and_output_types_differ_cannot_be_inserted(workflow, registry):
    for kind in ("Join", "Ruler", "Drill"):
        with pytest.raises(CannotInsert, match=f"{kind} cannot be inserted after Ruler"):
            edit.insert_node(workflow, kind, "a", registry)
    painted, paint = edit.add_node(workflow, "Paint", registry)
    with pytest.raises(CannotInsert, match="Saw cannot be inserted after Paint"):
        edit.insert_node(painted, "Saw", paint, registry)


def test_removing_a_node_removes_the_wires_from_it(workflow, registry):
    without = edit.remove_node(workflow, "a", registry)
    assert list(without.nodes) == ["b", "join", "drill"]
    assert without.nodes["join"].inputs == {"second": ["b", 0]}


def test_removing_a_stacked_node_undoes_its_insertion(workflow, registry):
    once, first = edit.insert_node(workflow, "Saw", "join", registry)
    twice, second = edit.insert_node(once, "Saw", first, registry)
    assert edit.remove_node(once, first, registry) == workflow
    assert edit.remove_node(edit.remove_node(twice, first, registry), second, registry) == workflow


def test_removing_an_unwired_stacking_node_disconnects_the_wires_from_it(workflow, registry):
    cut, saw = edit.add_node(workflow, "Saw", registry)
    cut = edit.connect(cut, "drill", "length", Link(saw))
    assert edit.remove_node(cut, saw, registry).nodes["drill"].inputs == {}


def test_renaming_changes_the_title_and_not_the_id(workflow):
    assert edit.rename_node(workflow, "a", "Long one").nodes["a"].title == "Long one"


def test_a_parameter_is_set_and_reset(workflow, registry):
    changed = edit.set_parameter(workflow, "a", "unit", "cm", registry)
    assert changed.nodes["a"].inputs == {"metres": 3, "unit": "cm"}
    assert edit.reset_parameter(changed, "a", "unit") == workflow


def test_an_unknown_parameter_or_node_is_refused(workflow, registry):
    with pytest.raises(UnknownParameter, match="did you mean 'metres'"):
        edit.set_parameter(workflow, "a", "meters", 3, registry)
    with pytest.raises(UnknownParameter):
        edit.set_parameter(workflow, "join", "first", 3, registry)
    with pytest.raises(UnknownNode, match=r"no node 'z'\. Its nodes are a, b, drill, join"):
        edit.set_parameter(workflow, "z", "metres", 3, registry)


def test_set_fitting_parameter_refuses_a_value_out_of_range(workflow, registry):
    assert edit.set_valid_parameter(workflow, "a", "metres", 4, registry).nodes["a"].inputs == {"metres": 4}
    with pytest.raises(InvalidValue, match=r"Metres is 500, more than the maximum of 100\."):
        edit.set_valid_parameter(workflow, "a", "metres", 500, registry)


def test_a_wire_is_connected_and_disconnected(workflow):
    changed = edit.connect(workflow, "join", "first", Link("b"))
    assert changed.nodes["join"].inputs["first"] == ["b", 0]
    assert edit.disconnect(changed, "join", "first").nodes["join"].inputs == {"second": ["b", 0]}


def test_connecting_to_an_unknown_node_is_refused(workflow):
    with pytest.raises(UnknownNode):
        edit.connect(workflow, "join", "first", Link("z"))


def test_settings_are_json_literals_or_else_text(workflow, registry):
    settings = ["a.metres=7", "a.weight=1e-3", "a.bent=true", "a.unit=cm"]
    changed = edit.apply_settings(workflow, settings, registry)
    assert changed.nodes["a"].inputs == {"metres": 7, "weight": 0.001, "bent": True, "unit": "cm"}


def test_a_text_may_look_like_a_number(workflow, registry):
    assert edit.apply_settings(workflow, ["a.unit=16"], registry).nodes["a"].inputs["unit"] == "16"


def test_a_node_id_may_hold_dots_and_a_text_may_hold_equals_signs(registry):
    workflow = Workflow("", {"a.b": NodeData("Ruler", {})})
    assert edit.apply_settings(workflow, ["a.b.unit=x=y"], registry).nodes["a.b"].inputs == {"unit": "x=y"}


@pytest.mark.parametrize("setting", ["", "metres=3", "a.metres", ".metres=3", "a.=3"])
def test_a_malformed_setting_is_refused(workflow, registry, setting):
    with pytest.raises(UnreadableSetting):
        edit.apply_settings(workflow, [setting], registry)


def test_undo_and_redo_go_back_and_forth(workflow, registry):
    changed = edit.set_parameter(workflow, "a", "metres", 9, registry)
    history = UndoHistory(workflow).push(changed)
    assert history.undo().present == workflow
    assert history.undo().redo() == history
    assert history.undo().undo() == history.undo()
    assert history.redo() == history


def test_an_edit_after_undo_clears_redo(workflow, registry):
    history = UndoHistory(workflow).push(edit.remove_node(workflow, "a", registry)).undo()
    history = history.push(edit.remove_node(workflow, "b", registry))
    assert history.future == ()
    assert history.undo().present == workflow


def test_an_edit_without_a_change_adds_no_history(workflow):
    assert UndoHistory(workflow).push(edit.rename_node(workflow, "a", "")).past == ()
