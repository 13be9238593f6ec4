"""The check finds parts that do not match, and reports them at the node to change."""

import pytest

from pipeline.graph.check import check
from pipeline.graph.edit import add_node, connect
from pipeline.graph.node import Link
from pipeline.nodes.catalogue import NODES


def sentences(workflow):
    return check(workflow, NODES).sentences()


def test_a_generator_of_another_size_than_the_images_is_reported(template):
    report = check(template("dcgan", "data.image_size=32"), NODES)
    assert report.sentences() == [
        "generator (Generator): Generator makes 1×28×28 images, but the discriminator sees 1×32×32 ones."
    ]
    (error,) = report.node_errors["generator"]["errors"]
    assert error["type"] == "shape_mismatch"
    assert error["extra_info"] == {"input_name": "image_size", "received_value": 28}


def test_a_colour_generator_for_grey_images_is_reported(template):
    (problem,) = check(template("mlp-gan", "generator.channels=3"), NODES).problems
    assert (problem.node, problem.input_name) == ("generator", "channels")


def test_a_dcgan_generator_of_an_impossible_size_is_refused(template):
    (problem,) = check(template("dcgan", "generator.image_size=30"), NODES).problems
    assert (problem.node, problem.input_name, problem.received) == ("generator", "image_size", 30)
    assert "28 or 32" in problem.message


def test_images_that_a_dcgan_cannot_halve_are_reported(template):
    (problem,) = check(template("dcgan", "data.image_size=30"), NODES).problems
    assert (problem.node, problem.input_name, problem.received) == ("data", "image_size", 30)


def test_swapped_optimizers_are_refused(template):
    swapped = connect(template("dcgan"), "training", "generator_optimizer", Link("discriminator_optimizer"))
    assert sentences(swapped) == [
        "training (Training): Its generator optimizer updates the discriminator; "
        "connect the optimizer of the objective's generator instead."
    ]


def test_the_optimizer_of_another_but_equal_generator_is_refused(template):
    workflow, twin = add_node(template("dcgan"), "DCGANGenerator", NODES)
    workflow = connect(workflow, twin, "noise", Link("noise"))
    workflow = connect(workflow, "generator_optimizer", "network", Link(twin))
    assert "updates another generator" in sentences(workflow)[0]


def test_a_batch_larger_than_the_data_is_refused(template):
    (sentence,) = sentences(
        template("dcgan", "training.batch_size=4096", "data.dataset=digits", "generator.image_size=8")
    )
    assert sentence == "training (Training): Batch size is 4,096, but there are only 1,617 training images."


@pytest.mark.parametrize("device", ["gpu", "cuda:", "cuda:100", "CPU", "/dev/null", ""])
def test_a_malformed_device_name_is_refused(template, device):
    assert "not a device name: use auto, cpu" in sentences(template("dcgan", f'training.device="{device}"'))[0]


def test_an_unconnected_extra_node_is_reported(template):
    workflow, _ = add_node(template("dcgan"), "Adam", NODES)
    report = check(workflow, NODES)
    assert report.sentences() == ["adam (Adam): Network is not connected; wire the network of another node to it."]
