"""Nodes that stand for objects made in Python: their check, and the processes that can build them."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from pipeline.errors.training import MadeInPython
from pipeline.families.family import FAMILIES
from pipeline.graph import edit
from pipeline.graph.workflow import NodeData
from pipeline.nodes.assemble import assemble, build_node
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.checked_workflow import check_workflow
from pipeline.nodes.python_objects import GivenImageSets, GivenNetwork

SETS = GivenImageSets(
    torch.zeros(20, 1, 8, 8, dtype=torch.uint8), torch.zeros(20, dtype=torch.int64),
    torch.full((4, 1, 8, 8), 255, dtype=torch.uint8), torch.zeros(4, dtype=torch.int64),
)  # fmt: skip


@pytest.fixture
def workflow(small):
    """A small GAN whose images and generator come from Python."""
    found = small("mlp-gan", "training.batch_size=4", "noise.dim=5")
    data = NodeData("GivenImages", {"made": "Digits", "count": 20, "held_out": 4, "height": 8, "width": 8})
    made = {"noise": ["noise", 0], "made": "Skipping", "height": 8, "width": 8}
    return edit.replace_node(edit.replace_node(found, "data", data), "generator", NodeData("GivenGenerator", made))


def test_every_role_of_the_built_in_families_has_a_node_for_networks_from_python():
    roles = {role.name for family in FAMILIES if family.name in ("adversarial", "autoencoder") for role in family.roles}
    assert roles == {each.category for each in NODES if issubclass(each, GivenNetwork)}


def test_the_check_compares_their_recorded_shapes_and_counts(workflow):
    assert check_workflow(workflow).training.images.count == 20
    wider = edit.set_parameter(workflow, "generator", "width", 9, NODES)
    with pytest.raises(Exception, match="Generator makes 1×8×9 images, but the discriminator sees 1×8×8 ones"):
        check_workflow(wider)
    many = edit.set_parameter(workflow, "training", "batch_size", 21, NODES)
    with pytest.raises(Exception, match="Batch size is 21, but there are only 20 training images"):
        check_workflow(many)


def test_a_given_module_is_built_as_a_copy_with_the_same_weights(workflow, tmp_path):
    module = nn.Sequential(nn.Linear(5, 64), nn.Unflatten(1, (1, 8, 8)), nn.Tanh())
    experiment = assemble(workflow, tmp_path, given={"data": SETS, "generator": module})
    network = experiment.networks["generator"]
    assert network is not module and torch.equal(network[0].weight, module[0].weight)
    assert experiment.images.train.count == 20 and experiment.images.held_out.pixels.unique().tolist() == [255]


def test_a_process_without_the_object_says_where_to_resume(workflow, tmp_path):
    sentence = r"Generator \(generator\) was passed from Python \(class Skipping\) .* Training.resume\(run, images, …\)"
    sound = check_workflow(edit.rename_node(workflow, "generator", "Generator"))
    with pytest.raises(MadeInPython, match=sentence):
        sound.require_given({"data"})
    sound.require_given({"data", "generator"})
    with pytest.raises(MadeInPython, match=r"passed from Python \(class Digits\)"):
        build_node(sound.report, "data", tmp_path, "cpu", 0)
    with pytest.raises(MadeInPython, match="class Skipping"):
        assemble(workflow, tmp_path, images=False)


def test_an_object_that_training_does_not_depend_on_is_not_required(workflow, small):
    aside = replace(small("mlp-gan"), nodes={**small("mlp-gan").nodes, "other": NodeData("GivenImages", {})})
    check_workflow(aside).require_given()


def test_they_are_not_offered_for_adding():
    assert [each.__name__ for each in NODES if not each.offered] == [
        "GivenImages", "GivenGenerator", "GivenDiscriminator", "GivenEncoder", "GivenDecoder",
    ]  # fmt: skip
