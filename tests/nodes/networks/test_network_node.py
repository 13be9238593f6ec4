"""Checks and parts that the GAN's network nodes share: sizes, self-attention and classes."""

import pytest
import torch

from pipeline.graph.check import check
from pipeline.graph.edit import apply_settings
from pipeline.graph.workflow import NodeData, Workflow
from pipeline.nodes.assemble import build_node
from pipeline.nodes.catalogue import NODES

FAMILIES = ["MLP", "DCGAN", "ResNet"]
CONVOLUTIONAL = ["DCGAN", "ResNet"]


def networks(family, *settings):
    """A workflow without training: generator and discriminator of this kind, 8×8 digits, noise of 6 dimensions."""
    nodes = {
        "data": NodeData("ImageData", {"dataset": "digits"}),
        "noise": NodeData("GaussianNoise", {"dim": 6}),
        "generator": NodeData(f"{family}Generator", {"noise": ["noise", 0], "image_size": 8}),
        "discriminator": NodeData(f"{family}Discriminator", {"images": ["data", 0]}),
    }
    return apply_settings(Workflow("", nodes), settings, NODES)


def checked(family, *settings):
    return check(networks(family, *settings), NODES)


def culprits(report):
    # The missing training node is also reported, which is not the networks' fault.
    return [
        (problem.node, problem.input_name, problem.message)
        for problem in report.problems
        if problem.node in ("data", "generator", "discriminator")
    ]


def built(report, home):
    return [build_node(report, role, home, "cpu", seed=3) for role in ("generator", "discriminator")]


@pytest.mark.parametrize("family", FAMILIES)
def test_the_built_networks_match_their_ports(family, tmp_path):
    report = checked(family)
    generator, discriminator = built(report, tmp_path)
    for part, port in ((generator, report.ports["generator"][0]), (discriminator, report.ports["discriminator"][0])):
        assert sum(weight.numel() for weight in part.network.parameters()) == port.plan.parameters
        assert part.classes == port.classes == 0
    images = generator.network(torch.randn(4, 6))
    assert images.shape == (4, 1, 8, 8)
    assert discriminator.network(images).shape == (4,)


@pytest.mark.parametrize("family", FAMILIES)
def test_conditional_networks_take_labels(family, tmp_path):
    report = checked(family, "generator.classes=10", "discriminator.conditional=true")
    assert culprits(report) == []
    assert report.ports["generator"][0].latent_dim == 6
    generator, discriminator = built(report, tmp_path)
    assert [part.classes for part in (generator, discriminator)] == [10, 10]
    assert [report.ports[role][0].classes for role in ("generator", "discriminator")] == [10, 10]
    labels = torch.tensor([3, 3, 9, 0])
    images = generator.network(generator.latents_of(torch.randn(4, 6), labels))
    assert images.shape == (4, 1, 8, 8)
    assert discriminator.network(images, labels).shape == (4,)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_generator_of_one_class_is_refused(family):
    ((node, field, message),) = culprits(checked(family, "generator.classes=1"))
    assert (node, field) == ("generator", "classes")
    assert "at least two classes" in message


@pytest.mark.parametrize("family", FAMILIES)
def test_a_conditional_discriminator_of_images_without_classes_is_refused(family, monkeypatch):
    from dataclasses import replace

    from pipeline.data.sets import FACTS

    monkeypatch.setitem(FACTS, "digits", replace(FACTS["digits"], classes=1))
    assert culprits(checked(family)) == []
    ((node, field, message),) = culprits(checked(family, "discriminator.conditional=true"))
    assert (node, field) == ("discriminator", "conditional")
    assert "turn conditional off" in message


@pytest.mark.parametrize("family", CONVOLUTIONAL)
@pytest.mark.parametrize("size", [8, 12, 28, 32, 64, 100, 256])
def test_convolutional_networks_support_every_size_that_can_be_halved(family, size):
    report = checked(family, f"generator.image_size={size}", f"data.image_size={size}")
    assert culprits(report) == []
    assert report.ports["generator"][0].plan.output_shape == (1, size, size)


@pytest.mark.parametrize("family", CONVOLUTIONAL)
@pytest.mark.parametrize(("size", "nearest"), [(30, "28 or 32"), (9, "8 or 12"), (63, "60 or 64")])
def test_for_other_sizes_the_nearest_valid_ones_are_suggested(family, size, nearest):
    ((node, field, message),) = culprits(checked(family, f"generator.image_size={size}"))
    assert (node, field) == ("generator", "image_size")
    assert message.endswith(f"set the image size to {nearest}.")
    ((node, field, message),) = culprits(checked(family, f"data.image_size={size}"))
    assert (node, field) == ("data", "image_size")
    assert message.endswith(f"set the image size to {nearest}.")


@pytest.mark.parametrize("family", CONVOLUTIONAL)
def test_for_images_too_small_to_halve_the_smallest_size_is_suggested(family):
    ((node, _, message),) = culprits(checked(family, "data.image_size=5"))
    assert node == "data"
    assert message.endswith("set the image size to 8.")


@pytest.mark.parametrize("family", CONVOLUTIONAL)
def test_self_attention_must_be_at_a_size_that_the_network_has(family):
    settings = ["generator.image_size=28", "data.image_size=28"]
    report = checked(family, *settings, "generator.attention=14", "discriminator.attention=7")
    assert culprits(report) == []
    for role in ("generator", "discriminator"):
        kinds = [layer.kind for layer in report.ports[role][0].plan.layers]
        assert kinds.count("self_attention") == 1
    for role in ("generator", "discriminator"):
        ((node, field, message),) = culprits(checked(family, *settings, f"{role}.attention=8"))
        assert (node, field) == (role, "attention")
        assert "have sides 7 and 14;" in message


@pytest.mark.parametrize("family", FAMILIES)
def test_equal_seeds_give_equal_networks(family, tmp_path):
    report = checked(family, "generator.classes=10", "discriminator.conditional=true")
    for first, again in zip(built(report, tmp_path), built(report, tmp_path), strict=True):
        state = again.network.state_dict()
        assert all(torch.equal(weight, state[name]) for name, weight in first.network.state_dict().items())
