from pathlib import Path

import pytest
import torch
from torch import nn

from pipeline.graph.check import check
from pipeline.graph.document import write
from pipeline.graph.form import parameters
from pipeline.graph.layout import COLUMN, ROW, layout
from pipeline.nodes.assemble import assemble
from pipeline.nodes.catalogue import NODES

TEMPLATES = sorted((Path(__file__).parents[2] / "pipeline" / "templates").glob("*.json"))
NAMES = [path.stem for path in TEMPLATES]
NODE_IDS = [
    *("data", "noise", "generator", "discriminator", "objective"),
    *("generator_optimizer", "discriminator_optimizer", "training", "samples"),
]


@pytest.mark.parametrize("name", NAMES)
def test_every_template_checks_clean_and_says_what_it_is(template, name):
    workflow = template(name)
    assert check(workflow, NODES).ok
    assert workflow.name == name
    assert workflow.description.endswith(".")
    assert list(workflow.nodes) == NODE_IDS


@pytest.mark.parametrize("name", NAMES)
def test_every_template_spells_out_all_its_parameters(template, name):
    for node in template(name).nodes.values():
        assert {parameter.name for parameter in parameters(NODES[node.class_type])} <= set(node.inputs)


@pytest.mark.parametrize("path", TEMPLATES, ids=NAMES)
def test_every_template_is_written_as_it_would_be_saved(template, path):
    assert write(template(path.stem)).split() == path.read_text(encoding="utf-8").split()


@pytest.mark.parametrize("name", NAMES)
def test_every_template_has_the_usual_picture(template, name):
    places = {node: (x // COLUMN, y // ROW) for node, (x, y) in layout(template(name), NODES).items()}
    assert places == {
        "data": (-1, 0),
        "noise": (1, 0),
        "discriminator": (-1, 1),
        "generator": (1, 1),
        "objective": (0, 2),
        "discriminator_optimizer": (-1, 2),
        "generator_optimizer": (1, 2),
        "training": (0, 3),
        "samples": (0, 4),
    }


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.mark.parametrize("name", NAMES)
def test_every_template_assembles(template, home, name):
    experiment = assemble(template(name), home, device="cpu")
    images = experiment.networks["generator"](experiment.draw_latents(4, torch.Generator().manual_seed(0)))
    assert images.shape == (4, 1, 28, 28)
    assert experiment.networks["discriminator"](images).shape == (4,)
    assert experiment.images.train.count == 4500


def test_mlp_gan_is_the_plain_gan(template, home):
    experiment = assemble(template("mlp-gan"), home, device="cpu")
    generator = list(experiment.networks["generator"].modules())
    discriminator = list(experiment.networks["discriminator"].modules())

    def sizes(modules):
        linear = [module for module in modules if isinstance(module, nn.Linear)]
        return [linear[0].in_features, *(module.out_features for module in linear)]

    assert sizes(generator) == [100, 128, 256, 512, 1024, 784]
    assert sizes(discriminator) == [784, 1024, 512, 256, 128, 1]
    assert sum(isinstance(module, nn.Tanh) for module in generator) == 1
    assert {m.negative_slope for m in generator + discriminator if isinstance(m, nn.LeakyReLU)} == {0.2}
    assert [module.p for module in discriminator if isinstance(module, nn.Dropout)] == [0.3] * 4
    assert experiment.settings.batch_size == 64
    for role, network in experiment.networks.items():
        optimizer = experiment.optimizers[role].make(list(network.parameters()))
        assert isinstance(optimizer, torch.optim.Adam)
        assert (optimizer.defaults["lr"], optimizer.defaults["betas"]) == (0.0002, (0.9, 0.999))
