"""Autoencoder workflows: mismatches are found before anything is built, and valid ones are built as specified."""

from dataclasses import replace

import pytest
import torch

from pipeline.graph.check import check
from pipeline.graph.edit import add_node
from pipeline.nodes.assemble import assemble
from pipeline.nodes.catalogue import NODES


def problems(workflow):
    return [(problem.node, problem.input_name, problem.message) for problem in check(workflow, NODES).problems]


@pytest.mark.parametrize(
    ("template_name", "setting", "node", "field", "words"),
    [
        ("vae", "decoder.image_size=32", "decoder", "image_size", "Decoder makes 1×32×32 images, but the encoder sees"),
        ("vae", "decoder.channels=3", "decoder", "channels", "Decoder makes 3×28×28 images"),
        ("vae", "decoder.image_size=30", "decoder", "image_size", "set the image size to 28 or 32"),
        ("vae", "data.image_size=30", "data", "image_size", "A convolutional encoder needs images whose sides"),
        (
            "vae",
            "encoder.code=point",
            "encoder",
            "code",
            "variational autoencoder must have code set to 'distribution'",
        ),
        ("autoencoder", "encoder.code=distribution", "encoder", "code", "autoencoder must have code set to 'point'"),
    ],
)
def test_a_mismatch_is_reported_at_the_node_to_change(template, template_name, setting, node, field, words):
    ((culprit, name, message),) = problems(template(template_name, setting))
    assert (culprit, name) == (node, field)
    assert words in message


def rewired(workflow, node_id, wire, source):
    node = workflow.nodes[node_id]
    return replace(
        workflow, nodes={**workflow.nodes, node_id: replace(node, inputs={**node.inputs, wire: [source, 0]})}
    )


def test_a_decoder_of_other_code_dimensions_is_refused(template):
    workflow, other = add_node(template("vae"), "GaussianNoise", NODES)
    ((culprit, name, message),) = problems(rewired(workflow, "decoder", "latents", other))
    assert (culprit, name) == ("decoder", "latents")
    assert "takes codes of 100 dimensions, but the encoder makes codes of 16" in message


def test_an_optimizer_of_the_wrong_network_is_refused(template):
    swapped = rewired(template("vae"), "training", "encoder_optimizer", "decoder_optimizer")
    ((culprit, name, message),) = problems(swapped)
    assert (culprit, name) == ("training", "encoder_optimizer")
    assert message == (
        "Its encoder optimizer updates the decoder; connect the optimizer of the objective's encoder instead."
    )


@pytest.mark.parametrize("name", ["autoencoder", "vae"])
def test_the_built_parts_have_the_given_dimensions(small, tmp_path, name):
    experiment = assemble(small(name, "noise.dim=5"), tmp_path, device="cpu")
    assert experiment.coding is not None and (experiment.grid is None) == (name == "vae")
    images = experiment.images.train.batch(torch.arange(4))
    codes, made = experiment.coding.reconstruct(experiment.networks, images)
    assert codes.shape == (4, 5) and made.shape == images.shape
    assert ("objective.beta" in experiment.live) == (name == "vae")
