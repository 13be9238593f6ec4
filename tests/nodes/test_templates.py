"""Every template is valid, states all its parameters, has a clear layout, and trains."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from pipeline.graph.check import check
from pipeline.graph.document import write
from pipeline.graph.form import parameters
from pipeline.graph.layout import COLUMN, ROW, layout
from pipeline.nodes.assemble import assemble
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.ports import TrainingPort
from pipeline.studio.workflows import open_template
from pipeline.training.trainer import Trainer
from tests.recorded.record_templates import furnish, quick

FOLDER = Path(__file__).parents[2] / "pipeline" / "templates"
TEMPLATES = sorted(FOLDER.glob("*.json"))
NAMES = [path.stem for path in TEMPLATES]
AUTOENCODERS = ["autoencoder", "vae"]
DIFFUSION = ["ddpm", "flow", "latent-diffusion"]
PAIRS = [name for name in NAMES if name not in DIFFUSION]
"""The templates of two networks side by side."""
GANS = [name for name in PAIRS if name not in AUTOENCODERS]
LEARNING = {
    "gan": ("noise", "generator", "discriminator", "generator_optimizer", "discriminator_optimizer"),
    "autoencoder": ("noise", "encoder", "decoder", "encoder_optimizer", "decoder_optimizer"),
    "diffusion": ("network", "optimizer", "sampling"),
}
SHARED = {"data", "objective", "training", "samples"}


def test_the_templates_are_complete():
    assert NAMES == [
        "autoencoder", "conditional-dcgan", "dcgan", "ddpm", "flow", "hinge-sngan", "latent-diffusion", "lsgan",
        "medical-images", "mlp-gan", "r3gan", "textures", "vae", "wgan-gp",
    ]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_every_template_is_valid_and_has_a_description(name):
    workflow = open_template(name)
    assert check(workflow, NODES).ok
    assert workflow.name == name
    assert workflow.description.endswith(".")
    family = "autoencoder" if name in AUTOENCODERS else "diffusion" if name in DIFFUSION else "gan"
    assert SHARED | set(LEARNING[family]) <= set(workflow.nodes)


@pytest.mark.parametrize("name", NAMES)
def test_every_template_spells_out_all_its_parameters(name):
    for node in open_template(name).nodes.values():
        assert {parameter.name for parameter in parameters(NODES[node.class_type])} <= set(node.inputs)


@pytest.mark.parametrize("path", TEMPLATES, ids=NAMES)
def test_every_template_is_formatted_as_saved_and_has_a_picture(path):
    assert write(open_template(path.stem)).split() == path.read_text(encoding="utf-8").split()
    assert path.with_suffix(".png").is_file()


@pytest.mark.parametrize("name", NAMES)
def test_every_template_is_laid_out_downwards_around_its_training(name):
    workflow = open_template(name)
    places = {node: (x // COLUMN, y // ROW) for node, (x, y) in layout(workflow, NODES).items()}
    assert len(set(places.values())) == len(places)
    for node_id, above in workflow.parents().items():
        assert all(places[parent][1] < places[node_id][1] for parent in above)
    assert places["objective"][0] == places["training"][0] == places["samples"][0] == 0
    # There is no empty row between the last objective, with the optimizers next to it, and the training.
    optimizers = {places[node][1] for node in workflow.nodes if node.endswith("optimizer")}
    assert optimizers == {places["training"][1] - 1}


@pytest.mark.parametrize("name", PAIRS)
def test_a_template_of_two_networks_has_them_side_by_side(name):
    places = {node: x // COLUMN for node, (x, _) in layout(open_template(name), NODES).items()}
    _, first, second, *optimizers = LEARNING["autoencoder" if name in AUTOENCODERS else "gan"]
    assert {places[first], places[second]} == {places[optimizer] for optimizer in optimizers} == {-1, 1}


def test_the_default_template_has_the_usual_layout():
    places = {node: (x // COLUMN, y // ROW) for node, (x, y) in layout(open_template("dcgan"), NODES).items()}
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
    """A home that already has the one data set that would be downloaded: a file like MedMNIST's, filled with noise."""
    folder = tmp_path_factory.mktemp("home")
    furnish(folder)
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_every_template_trains_a_hundred_steps(home, name):
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        trainer = Trainer.fresh(assemble(quick(name), home, device="cpu"))
        found = trainer.slice(100, seconds=600)
    finally:
        torch.set_num_threads(threads)
    assert found.steps == 100
    recorded = np.ones(found.values.shape, bool)
    for update in trainer.experiment.updates:
        own = [name in update.series for name in found.names]
        recorded[:, own] = np.array([[update.takes_part(step)] for step in range(100)])
    assert (np.isfinite(found.values) == recorded).all()
    (training,) = check(open_template(name), NODES).ports["training"]
    assert isinstance(training, TrainingPort)
    assert found.names[: len(training.metrics)] == training.metrics
    images = trainer.draw(4, seed=0)
    channels, height, width = training.images.shape
    assert images.shape == (4, height, width, channels)
    assert images.std() > 0


@pytest.mark.parametrize("name", GANS)
def test_every_gan_template_can_be_assembled(home, name):
    experiment = assemble(open_template(name), home, device="cpu")
    latents = experiment.sampler.latents(4, seed=0)
    images = experiment.sampler.images(experiment.networks, latents)
    assert images.shape[1:] == experiment.images.train.shape
    assert experiment.scores.of(experiment.networks, images, latents.labels).shape == (4,)


def test_mlp_gan_is_the_basic_gan(home):
    experiment = assemble(open_template("mlp-gan"), home, device="cpu")
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


def test_r3gan_is_its_papers_recipe(home):
    workflow = open_template("r3gan")
    experiment = assemble(workflow, home, device="cpu")
    assert experiment.series[6:] == ("r1", "r2")
    assert not any(isinstance(m, nn.BatchNorm2d) for m in experiment.networks["discriminator"].modules())
    made = {}
    for stage in Trainer.fresh(experiment).stages():
        if stage.update == "discriminator":
            made |= stage.made
    pairs = nn.functional.softplus(-(made["real_scores"] - made["fake_scores"])).mean()
    gamma = workflow.nodes["penalty"].inputs["penalty_weight"]
    # r1 and r2 already include the factor ½ of γ/2·‖∇D‖².
    expected = pairs + gamma * (made["r1"] + made["r2"])
    assert made["D_loss"].item() == pytest.approx(expected.item(), rel=1e-5)
