"""Putting a data set into a workflow, and adapting image size, channels and classes of its networks."""

import json
from pathlib import Path

import numpy as np
import pytest

from pipeline.graph import edit
from pipeline.graph.node import Link
from pipeline.graph.workflow import NodeData, Workflow
from pipeline.nodes.catalogue import NODES
from pipeline.studio import workflows
from pipeline.studio.data.data_nodes import augmentations, choice_of, data_node, replace_data
from pipeline.studio.data.datasets import DataChoice
from tests.data.files.pictures import png, write


def template(name: str, *settings: str) -> Workflow:
    return edit.apply_settings(workflows.open_template(name), settings, NODES)


def chosen(workflow: Workflow) -> DataChoice | None:
    return choice_of(workflows.report(workflow))


@pytest.fixture
def photos(home: Path) -> str:
    """A folder of 80 colour pictures in three classes."""
    return str(write(home / "photos", {f"{n % 3}/{n}.png": png(seed=n) for n in range(80)}))


def test_the_choice_of_a_template_is_that_of_its_data_node(home: Path) -> None:
    assert chosen(template("dcgan")) == DataChoice("mnist-5k", 28)
    assert chosen(template("dcgan", "data.dataset=cifar-10", "data.image_size=64")) == DataChoice("cifar-10", 64)


def test_a_set_with_other_size_and_channels_adapts_the_generator(home: Path) -> None:
    used = replace_data(template("dcgan"), DataChoice("petals", 32))
    assert workflows.report(used.workflow).ok
    assert used.changes == ("Generator image size 32, channels 3",)
    assert used.workflow.nodes["data"] == NodeData(
        "ImageData", {"dataset": "petals", "image_size": 0, "value_range": "-1 to 1"}
    )
    assert chosen(used.workflow) == DataChoice("petals", 32)


def test_files_replace_a_named_set_with_the_same_wires(photos: str) -> None:
    choice = DataChoice(photos, 28, "pad", "grey", 0.2)
    before = template("dcgan")
    used = replace_data(before, choice)
    assert workflows.report(used.workflow).ok and used.changes == ()
    assert chosen(used.workflow) == choice
    others = {node_id: node for node_id, node in used.workflow.nodes.items() if node_id != "data"}
    assert others == {node_id: node for node_id, node in before.nodes.items() if node_id != "data"}
    assert list(used.workflow.nodes) == list(before.nodes)


def test_another_preparation_of_the_same_files_keeps_when_they_are_decoded(photos: str) -> None:
    first = replace_data(template("dcgan"), DataChoice(photos, 28)).workflow
    later = edit.apply_settings(first, ["data.decoding=while training"], NODES)
    assert replace_data(later, DataChoice(photos, 32)).workflow.nodes["data"].inputs["decoding"] == "while training"
    assert "decoding" not in replace_data(later, DataChoice("petals", 32)).workflow.nodes["data"].inputs


def test_decoders_and_the_classes_of_conditional_generators_are_adapted_too(photos: str) -> None:
    coded = replace_data(template("autoencoder"), DataChoice(photos, 32))
    assert workflows.report(coded.workflow).ok and coded.changes == ("Decoder image size 32, channels 3",)
    conditional = replace_data(template("conditional-dcgan"), DataChoice(photos, 28))
    assert workflows.report(conditional.workflow).ok
    assert conditional.workflow.nodes["generator"].inputs["classes"] == 3


@pytest.mark.parametrize("side", [30, 50])
def test_if_adapting_the_size_is_not_enough_the_problem_stays_visible(photos: str, side: int) -> None:
    before = template("dcgan")
    used = replace_data(before, DataChoice(photos, side))
    assert used.changes == ()
    assert used.workflow.nodes["generator"] == before.nodes["generator"]
    assert not workflows.report(used.workflow).ok


def test_a_problem_elsewhere_does_not_prevent_adapting_the_generator(photos: str) -> None:
    used = replace_data(template("mlp-gan", "training.batch_size=512"), DataChoice(photos, 16))
    assert used.changes == ("Generator image size 16, channels 3",)
    (problem,) = workflows.report(used.workflow).problems
    assert (problem.node, problem.input_name) == ("training", "batch_size")


def test_the_same_set_changes_nothing_and_another_set_drops_the_title(photos: str) -> None:
    before = template("dcgan")
    assert replace_data(before, DataChoice("mnist-5k", 28)).workflow is before
    larger = replace_data(before, DataChoice("mnist-5k", 32)).workflow
    assert larger.nodes["data"].title == before.nodes["data"].title
    assert replace_data(before, DataChoice(photos, 28)).workflow.nodes["data"].title == ""


def test_the_range_of_values_stays_that_of_the_networks(photos: str) -> None:
    before = template("dcgan", "data.value_range=0 to 1", "generator.output=sigmoid")
    for choice in (DataChoice("petals", 32), DataChoice(photos, 28)):
        used = replace_data(before, choice).workflow
        assert used.nodes["data"].inputs["value_range"] == "0 to 1"
        assert workflows.report(used).ok


def test_a_workflow_without_data_gets_a_data_node_wired_to_missing_inputs(home: Path) -> None:
    bare = edit.remove_node(template("dcgan"), "data", NODES)
    assert data_node(bare) == "" and chosen(bare) is None
    used = replace_data(bare, DataChoice("mnist-5k", 28))
    assert workflows.report(used.workflow).ok
    assert data_node(used.workflow) == "image_data"


def test_of_two_data_nodes_the_one_used_for_training_is_chosen(home: Path) -> None:
    other = NodeData("ImageData", {"dataset": "digits"})
    both = template("dcgan")
    both = Workflow(both.name, {"aside": other, **both.nodes})
    assert data_node(both) == "data"
    assert replace_data(both, DataChoice("petals", 32)).workflow.nodes["aside"] == other


def test_an_invalid_data_node_has_no_choice_and_can_be_replaced(home: Path) -> None:
    wrong = template("dcgan", "data.image_size=9999")
    assert chosen(wrong) is None
    assert workflows.report(replace_data(wrong, DataChoice("mnist-5k", 28)).workflow).ok


def test_augmentations_are_found_in_order_of_application(home: Path) -> None:
    workflow, first = edit.insert_node(template("dcgan"), "Augment", "data", NODES)
    workflow, second = edit.insert_node(workflow, "Augment", first, NODES)
    workflow = edit.apply_settings(workflow, [f"{first}.rotate=5", f"{second}.noise=0.25"], NODES)
    (_, turned), (_, noisy) = augmentations(workflows.report(workflow))
    assert (turned["rotate"], noisy["rotate"], noisy["noise"]) == (5.0, 10.0, 0.25)
    assert augmentations(workflows.report(template("dcgan"))) == ()
    # They stay when the data set is replaced.
    assert len(augmentations(workflows.report(replace_data(workflow, DataChoice("petals", 32)).workflow))) == 2


def test_a_cycle_of_augmentations_terminates(home: Path) -> None:
    workflow, first = edit.insert_node(template("dcgan"), "Augment", "data", NODES)
    workflow, second = edit.insert_node(workflow, "Augment", first, NODES)
    circle = edit.connect(workflow, first, "images", Link(second))
    assert augmentations(workflows.report(circle)) == ()


def test_strengths_are_plain_numbers_that_json_can_carry(home: Path) -> None:
    workflow, _ = edit.insert_node(template("dcgan"), "Augment", "data", NODES)
    ((_, strengths),) = augmentations(workflows.report(workflow))
    assert json.loads(json.dumps(strengths)) == strengths
    assert {type(value) for value in strengths.values()} == {float}
    assert np.isfinite(list(strengths.values())).all()


def test_the_range_of_shades_is_put_into_the_workflow(home: Path, photos: str) -> None:
    choice = DataChoice(photos, 28, shades="percentiles")
    used = replace_data(template("dcgan"), choice).workflow

    assert used.nodes[data_node(used)].inputs["shades"] == "percentiles"
    assert chosen(used) == choice
    assert choice.preparation.shades == choice.prepared.shades == "percentiles"
