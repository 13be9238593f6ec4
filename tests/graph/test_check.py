import json
import math
import sys
from dataclasses import replace

import pytest

from pipeline.graph.check import check
from pipeline.graph.workflow import NodeData, Workflow


def with_inputs(workflow, node_id, **inputs):
    """The workflow with these inputs of one node changed; None removes an input."""
    node = workflow.nodes[node_id]
    changed = {name: value for name, value in {**node.inputs, **inputs}.items() if value is not None}
    return replace(workflow, nodes={**workflow.nodes, node_id: replace(node, inputs=changed)})


def found(report):
    """(node, type, input) of every problem."""
    return [(problem.node, problem.type, problem.input_name) for problem in report.problems]


def test_a_valid_workflow_has_no_problems_and_its_ports_are_inferred(workflow, registry):
    report = check(workflow, registry)
    assert report.ok
    assert report.sentences() == []
    assert report.order == ("a", "b", "join", "drill")
    assert report.ports["join"][0].metres == 6  # type: ignore[attr-defined]
    assert report.ports["drill"] == ()
    assert report.nodes["a"].metres == 3  # type: ignore[attr-defined]


def test_an_unknown_node_type_is_the_only_problem_and_the_nearest_type_is_named(workflow, registry):
    broken = replace(workflow, nodes={**workflow.nodes, "a": NodeData("Rular", {})})
    report = check(broken, registry)
    assert found(report) == [("a", "unknown_node_type", "")]
    assert report.sentences() == ["a (Rular): There is no node type 'Rular', did you mean 'Ruler'?"]


@pytest.mark.parametrize(
    ("inputs", "type_name", "sentence"),
    [
        ({"metres": 0}, "value_smaller_than_min", "Metres is 0, less than the minimum of 1."),
        ({"metres": 10**30}, "value_bigger_than_max", "more than the maximum of 100."),
        ({"metres": 3.0}, "invalid_input_type", "Metres is 3.0, not a whole number."),
        ({"metres": True}, "invalid_input_type", "Metres is True, not a whole number."),
        ({"metres": ["b", 0]}, "invalid_input_type", "Metres is ['b', 0], not a whole number."),
        ({"weight": math.nan}, "invalid_input_type", "Weight is nan, not a finite number."),
        ({"weight": math.inf}, "invalid_input_type", "Weight is inf, not a finite number."),
        ({"weight": "0.5"}, "invalid_input_type", "Weight is '0.5', not a finite number."),
        ({"bent": 1}, "invalid_input_type", "Bent is 1, not true or false."),
        ({"unit": "mile"}, "value_not_in_list", "Unit is 'mile', not one of m, cm."),
        ({"meters": 1}, "unknown_input", "Ruler has no input 'meters', did you mean 'metres'?"),
    ],
)
def test_an_invalid_parameter_is_named_with_its_type_or_range(workflow, registry, inputs, type_name, sentence):
    (problem,) = check(with_inputs(workflow, "a", **inputs), registry).problems
    assert (problem.node, problem.type, problem.input_name) == ("a", type_name, next(iter(inputs)))
    assert sentence in problem.message


def test_a_float_parameter_accepts_an_int(workflow, registry):
    assert check(with_inputs(workflow, "a", weight=1), registry).ok


@pytest.mark.parametrize(
    ("link", "type_name"),
    [
        (None, "required_input_missing"),
        ("a", "bad_linked_input"),
        (["nowhere", 0], "bad_linked_input"),
        (["a", 1], "bad_linked_input"),
        (["a", -1], "bad_linked_input"),
        (["paint", 0], "return_type_mismatch"),
    ],
)
def test_a_wire_without_a_source_or_of_another_type_is_refused(workflow, registry, link, type_name):
    painted = replace(workflow, nodes={**workflow.nodes, "paint": NodeData("Paint", {})})
    assert found(check(with_inputs(painted, "join", first=link), registry)) == [("join", type_name, "first")]


def test_a_wire_may_come_from_any_output_of_the_right_type(workflow, registry):
    painted = replace(workflow, nodes={**workflow.nodes, "paint": NodeData("Paint", {})})
    report = check(with_inputs(painted, "drill", length=["paint", 1]), registry)
    assert report.ok
    assert report.ports["paint"][1].metres == 7  # type: ignore[attr-defined]


def test_a_misfit_of_a_wire_is_a_problem_of_its_source(workflow, registry):
    report = check(with_inputs(workflow, "a", metres=4), registry)
    assert found(report) == [("a", "shape_mismatch", "metres")]
    assert report.sentences() == ["a (Ruler): Lengths differ."]
    assert report.problems[0].received == 4
    assert report.order == ("a", "b")


def test_a_misfit_without_a_wire_is_a_problem_of_the_node_itself(workflow, registry):
    broken = with_inputs(with_inputs(workflow, "a", metres=90), "b", metres=90)
    assert found(check(broken, registry)) == [("drill", "shape_mismatch", "")]


def test_a_cycle_is_one_problem_that_names_the_circle(workflow, registry):
    report = check(with_inputs(workflow, "join", second=["join", 0]), registry)
    assert found(report) == [("join", "cycle", "second")]
    assert "Join → Join" in report.sentences()[0]


def test_nodes_downstream_of_a_longer_cycle_have_no_problem(workflow, registry):
    looped = {**workflow.nodes, "back": NodeData("Join", {"first": ["join", 0], "second": ["a", 0]})}
    report = check(with_inputs(replace(workflow, nodes=looped), "join", first=["back", 0]), registry)
    assert found(report) == [("join", "cycle", "first")]
    # Both have the same title, so the ids tell them apart.
    assert "Join (join) → Join (back) → Join (join)" in report.problems[0].message


def test_all_problems_are_found_at_once(workflow, registry):
    broken = with_inputs(with_inputs(workflow, "a", metres=0, unit="mile"), "join", second=None)
    broken = replace(broken, nodes={**broken.nodes, "b": NodeData("KSampler", {})})
    assert found(check(broken, registry)) == [
        ("a", "value_smaller_than_min", "metres"),
        ("a", "value_not_in_list", "unit"),
        ("b", "unknown_node_type", ""),
        ("join", "required_input_missing", "second"),
    ]


def test_a_workflow_without_training_and_one_with_two_are_refused(workflow, registry):
    report = check(Workflow("", {}), registry)
    assert [error["type"] for error in report.workflow_errors] == ["no_training_node"]
    twice = replace(workflow, nodes={**workflow.nodes, "drill2": workflow.nodes["drill"]})
    assert [error["type"] for error in check(twice, registry).workflow_errors] == ["too_many_nodes"]


def test_more_nodes_of_a_kind_than_can_be_used_are_refused(workflow, registry):
    stamped = replace(workflow, nodes={**workflow.nodes, "s": NodeData("Stamp", {}), "t": NodeData("Stamp", {})})
    report = check(stamped, registry)
    assert report.sentences() == ["The workflow has 2 nodes of type Stamp; at most 1 can be used."]


def test_errors_have_the_shape_of_comfyui(workflow, registry):
    report = check(with_inputs(workflow, "b", metres=0), registry)
    assert report.as_dict() == {
        "ok": False,
        "node_errors": {
            "b": {
                "class_type": "Ruler",
                "errors": [
                    {
                        "type": "value_smaller_than_min",
                        "message": "Metres is 0, less than the minimum of 1.",
                        "details": "metres",
                        "extra_info": {"input_name": "metres", "received_value": 0},
                    }
                ],
            }
        },
        "workflow_errors": [],
        "found": {},
        "warnings": [],
    }
    assert report.sentences()[0].startswith("b (Second ruler): ")


def test_a_report_is_short_and_strict_json_for_any_input(workflow, registry):
    broken = with_inputs(workflow, "a", weight=math.nan, unit="m" * 100_000, metres=["x"] * 10_000)
    text = json.dumps(check(broken, registry).as_dict(), allow_nan=False)
    assert len(text) < 2_000
    assert all(len(sentence) < 200 for sentence in check(broken, registry).sentences())


def _fail_speechless(self):
    class Speechless(BaseException):
        def __str__(self):
            return 1 / 0

    raise Speechless


@pytest.mark.parametrize(
    ("infer", "sentence"),
    [
        (lambda self: {}["metres"], "its infer raises KeyError: 'metres'."),
        (lambda self: sys.exit(3), "its infer raises SystemExit: 3."),
        (_fail_speechless, "its infer raises Speechless."),
        (lambda self: 7, "its infer returns int, but its outputs are ShortLength."),
        (lambda self: None, "its infer returns NoneType, but its outputs are ShortLength."),
    ],
)
def test_an_infer_that_fails_is_a_problem_of_that_node_alone(registry, workflow, monkeypatch, infer, sentence):
    monkeypatch.setattr(registry["Ruler"], "infer", infer)
    report = check(workflow, registry)
    assert [(problem.node, problem.type) for problem in report.problems] == [
        ("a", "exception_during_validation"),
        ("b", "exception_during_validation"),
    ]
    assert all(sentence in problem.message for problem in report.problems)
