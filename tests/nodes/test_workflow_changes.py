"""What was changed between two workflows, in words, and the names of forks."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from pipeline.graph import edit
from pipeline.graph.check import check
from pipeline.graph.node import Link
from pipeline.graph.workflow import Workflow
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.checked_workflow import check_workflow
from pipeline.nodes.workflow_changes import (
    Change,
    changes_between,
    fork_name,
    live_change,
    sentence,
    with_live,
)
from pipeline.studio.workflows import open_template

DCGAN = open_template("dcgan")


def settings(*texts: str) -> Callable[[Workflow], Workflow]:
    return lambda workflow: edit.apply_settings(workflow, texts, NODES)


def replaced(node: str, class_type: str) -> Callable[[Workflow], Workflow]:
    return lambda workflow: edit.replace_node(workflow, node, replace(workflow.nodes[node], class_type=class_type))


def inserted(class_type: str, after: str) -> Callable[[Workflow], Workflow]:
    return lambda workflow: edit.insert_node(workflow, class_type, after, NODES)[0]


def found(before: Workflow, after: Workflow) -> list[tuple[str, str]]:
    return [(each.text, each.short) for each in changes_between(before, after, check(after, NODES))]


@pytest.mark.parametrize(
    ("change", "text", "short"),
    [
        (
            settings("generator_optimizer.learning_rate=0.0002"),
            "Generator Adam · Learning rate 0.001 → 0.0002",
            "G lr 0.0002",
        ),
        (settings("discriminator.base_channels=64"), "Discriminator · Base channels 32 → 64", "D base channels 64"),
        (settings("training.batch_size=4096"), "Training · Batch size 64 → 4,096", "batch 4,096"),
        (settings("data.dataset=digits"), "Real digits · Data set mnist-5k → digits", "data set digits"),
        (settings("discriminator.conditional=true"), "Discriminator · Conditional off → on", "D conditional on"),
        (
            replaced("objective", "HingeObjective"),
            "Non-saturating loss → Hinge loss",
            "Hinge loss",
        ),
        (inserted("R1R2Penalty", "objective"), "R1 / R2 penalty added", "with R1 / R2 penalty"),
    ],
)
def test_a_change_names_the_node_by_title_and_the_parameter_by_label(
    change: Callable[[Workflow], Workflow], text: str, short: str
) -> None:
    # As the node's type is called, not as the template calls it.
    before = edit.rename_node(DCGAN, "objective", "")
    assert found(before, change(before)) == [(text, short)]


def test_what_is_removed_or_bypassed_takes_its_links_along() -> None:
    with_penalty = inserted("R1R2Penalty", "objective")(DCGAN)
    assert found(with_penalty, DCGAN) == [("R1 / R2 penalty removed", "without R1 / R2 penalty")]
    bypassed = edit.apply_settings(with_penalty, ["r1_r2_penalty.bypass=true"], NODES)
    assert found(with_penalty, bypassed) == [("R1 / R2 penalty bypassed", "without R1 / R2 penalty")]
    assert found(bypassed, with_penalty) == [("R1 / R2 penalty no longer bypassed", "with R1 / R2 penalty")]


def test_another_source_of_a_link_is_a_change() -> None:
    two = replace(DCGAN, nodes={**DCGAN.nodes, "other": replace(DCGAN.nodes["noise"], title="Other noise")})
    rewired = edit.connect(two, "generator", "noise", Link("other"))
    assert found(two, rewired) == [("Generator · Noise Noise → Other noise", "Generator from Other noise")]


def test_titles_order_and_written_defaults_are_no_changes() -> None:
    node = DCGAN.nodes["noise"]
    silent = replace(DCGAN, nodes={**DCGAN.nodes, "noise": replace(node, inputs={}, title="Z")})
    backwards = replace(silent, nodes=dict(reversed(list(silent.nodes.items()))), name="other")
    assert found(DCGAN, backwards) == []


def test_a_sentence_names_three_changes_and_counts_the_rest() -> None:
    changes = [Change(letter, letter) for letter in "abcdef"]
    assert [sentence(changes[:count]) for count in (0, 1, 3)] == ["", "a", "a, b, c"]
    assert [sentence(changes[:count]) for count in (4, 6)] == ["a, b, c and 1 more", "a, b, c and 3 more"]


@pytest.mark.parametrize(
    ("parent", "name"),
    [
        ("dcgan", "dcgan, from 1,450, G lr 0.001"),
        ("dcgan, from 20", "dcgan, from 1,450, G lr 0.001"),
        ("dcgan, from 1,000, with R1, twice", "dcgan, from 1,450, G lr 0.001"),
        ("faces, from Anna", "faces, from Anna, from 1,450, G lr 0.001"),
        ("x" * 200, "x" * 99 + "…, from 1,450, G lr 0.001"),
    ],
)
def test_a_fork_is_named_after_the_first_run_its_step_and_its_first_change(parent: str, name: str) -> None:
    assert fork_name(parent, 1450, [Change("…", "G lr 0.001"), Change("…", "D lr 1")]) == name
    assert fork_name(parent, 1450, []) == name.removesuffix(", G lr 0.001")


def test_live_values_are_set_where_the_workflow_has_them() -> None:
    live = {"generator_optimizer.learning_rate": 0.5, "gone.rate": 1.0, "noise.gone": 1.0, "training.batch_size": 8.0}
    after = with_live(DCGAN, live)
    assert after.nodes["generator_optimizer"].inputs["learning_rate"] == 0.5
    assert after.nodes["training"].inputs["batch_size"] == 8
    assert found(DCGAN, after)[0] == ("Generator Adam · Learning rate 0.001 → 0.5", "G lr 0.5")


def test_a_live_change_is_from_the_value_that_held() -> None:
    checked = check_workflow(DCGAN)
    (change,) = live_change(checked, "generator_optimizer.learning_rate", 0.5, 0.25)
    assert change == ("Generator Adam · Learning rate 0.5 → 0.25", "G lr 0.25")
    assert live_change(checked, "generator_optimizer.learning_rate", 0.5, 0.5) == []
