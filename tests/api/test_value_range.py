"""Given modules that end in a sigmoid, on given images scaled to [0, 1]."""

import pytest
import torch
from torch import nn

from pipeline.api.training import Training
from pipeline.graph import edit
from pipeline.nodes.catalogue import NODES
from pipeline.studio.workflows import open_template
from tests.api.conftest import SETTINGS

pytestmark = pytest.mark.usefixtures("home", "one_thread")


def test_a_generator_that_ends_in_a_sigmoid_trains_on_images_of_0_to_1(images, modules):
    training = Training(
        images,
        template="mlp-gan",
        settings=(*SETTINGS, "data.value_range=0 to 1"),
        **modules() | {"generator": nn.Sequential(nn.Linear(8, 64), nn.Sigmoid())},
    )
    training.train(steps=2)
    assert training.step == 2
    with torch.no_grad():
        layer = training._run.trainer.state.networks_of("ema")["generator"].network[0]
        layer.weight.zero_()
        layer.bias.fill_(-1000)
    assert training.generate(3).max() == 0
    training.close()


def test_a_workflow_of_0_to_1_stays_so_with_given_images(images):
    workflow = open_template("mlp-gan")
    ends = ["data.value_range=0 to 1", "generator.output=sigmoid", "generator.image_size=8"]
    workflow = edit.apply_settings(workflow, ends, NODES)
    training = Training(images, template=workflow, settings=SETTINGS)
    assert training._run.trainer.experiment.images.values == "0 to 1"
    training.close()
