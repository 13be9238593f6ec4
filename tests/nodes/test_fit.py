"""Parts that do not fit each other are found by the check, at the node where they must be changed."""

import pytest

from pipeline.graph.check import check
from pipeline.graph.edit import add_node, connect
from pipeline.graph.node import Link
from pipeline.nodes.catalogue import NODES


def sentences(workflow):
    return check(workflow, NODES).sentences()


def test_a_generator_of_another_size_than_the_images_is_the_culprit(template):
    report = check(template("dcgan", "data.image_size=32"), NODES)
    assert report.sentences() == [
        "generator (Generator): Generator makes 1×28×28 images, but the discriminator sees 1×32×32 ones."
    ]
    (error,) = report.node_errors["generator"]["errors"]
    assert error["type"] == "shape_mismatch"
    assert error["extra_info"] == {"input_name": "image_size", "received_value": 28}


def test_a_generator_of_colour_for_grey_images_is_the_culprit(template):
    (problem,) = check(template("mlp-gan", "generator.channels=3"), NODES).problems
    assert (problem.node, problem.input_name) == ("generator", "channels")


def test_a_dcgan_makes_only_sizes_that_it_can_double_to(template):
    (problem,) = check(template("dcgan", "generator.image_size=30"), NODES).problems
    assert (problem.node, problem.input_name, problem.received) == ("generator", "image_size", 30)
    assert "28 or 32" in problem.message


def test_images_that_a_dcgan_cannot_halve_are_the_culprit(template):
    (problem,) = check(template("dcgan", "data.image_size=30"), NODES).problems
    assert (problem.node, problem.input_name, problem.received) == ("data", "image_size", 30)


def test_optimizers_wired_the_wrong_way_round_are_refused(template):
    swapped = connect(template("dcgan"), "training", "generator_optimizer", Link("discriminator_optimizer"))
    assert sentences(swapped) == [
        "training (Training): Its generator optimizer moves the discriminator; "
        "wire to it the optimizer of the objective's generator."
    ]


def test_the_optimizer_of_an_equal_but_other_generator_is_refused(template):
    workflow, twin = add_node(template("dcgan"), "DCGANGenerator", NODES)
    workflow = connect(workflow, twin, "noise", Link("noise"))
    workflow = connect(workflow, "generator_optimizer", "network", Link(twin))
    assert "moves another generator" in sentences(workflow)[0]


def test_a_batch_larger_than_the_data_is_refused(template):
    (sentence,) = sentences(
        template("dcgan", "training.batch_size=4096", "data.dataset=digits", "generator.image_size=8")
    )
    assert sentence == "training (Training): Batch size is 4,096, but there are only 1,617 images to train on."


@pytest.mark.parametrize("device", ["gpu", "cuda:", "cuda:100", "CPU", "/dev/null", ""])
def test_a_device_name_of_another_form_is_refused(template, device):
    assert "not one of auto, cpu, cuda" in sentences(template("dcgan", f'training.device="{device}"'))[0]


def test_a_workflow_of_comfyui_is_checked_to_the_end(template):
    workflow, _ = add_node(template("dcgan"), "Adam", NODES)
    report = check(workflow, NODES)
    assert report.sentences() == ["adam (Adam): Network is not connected; wire the network of another node to it."]
