"""What does not fit is said before anything is built; what fits is built of the parts that were asked for."""

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
        ("vae", "data.image_size=30", "data", "image_size", "A convolutional encoder works on images whose sides"),
        ("vae", "encoder.code=point", "encoder", "code", "variational autoencoder must have the code 'distribution'"),
        ("autoencoder", "encoder.code=distribution", "encoder", "code", "autoencoder must have the code 'point'"),
    ],
)
def test_what_does_not_fit_is_told_of_its_culprit(template, template_name, setting, node, field, words):
    ((culprit, name, message),) = problems(template(template_name, setting))
    assert (culprit, name) == (node, field)
    assert words in message


def rewired(workflow, node_id, wire, source):
    node = workflow.nodes[node_id]
    return replace(
        workflow, nodes={**workflow.nodes, node_id: replace(node, inputs={**node.inputs, wire: [source, 0]})}
    )


def test_codes_of_other_dimensions_than_the_decoder_takes_are_refused(template):
    workflow, other = add_node(template("vae"), "GaussianNoise", NODES)
    ((culprit, name, message),) = problems(rewired(workflow, "decoder", "latents", other))
    assert (culprit, name) == ("decoder", "latents")
    assert "takes codes of 100 dimensions, but the encoder makes them of 16" in message


def test_an_optimizer_must_move_the_network_that_its_wire_is_named_after(template):
    swapped = rewired(template("vae"), "training", "encoder_optimizer", "decoder_optimizer")
    ((culprit, name, message),) = problems(swapped)
    assert (culprit, name) == ("training", "encoder_optimizer")
    assert message == "Its encoder optimizer moves the decoder; wire to it the optimizer of the objective's encoder."


@pytest.mark.parametrize("name", ["autoencoder", "vae"])
def test_the_parts_are_those_that_were_asked_for(small, tmp_path, name):
    experiment = assemble(small(name, "noise.dim=5"), tmp_path, device="cpu")
    assert experiment.coding is not None and (experiment.grid is None) == (name == "vae")
    images = experiment.images.train.batch(torch.arange(4))
    codes, made = experiment.coding.reconstruct(experiment.networks, images)
    assert codes.shape == (4, 5) and made.shape == images.shape
    assert ("objective.beta" in experiment.live) == (name == "vae")
