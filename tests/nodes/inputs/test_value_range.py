"""Runs whose images are scaled to [0, 1], for generators that end in a sigmoid."""

import math
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from pipeline.graph import document, edit
from pipeline.graph.check import check
from pipeline.graph.form import live_values
from pipeline.graph.workflow import NodeData, Workflow
from pipeline.inspection.checkup import SampleCheckup
from pipeline.inspection.codes import look_at_codes
from pipeline.inspection.saliency import saliency_pictures
from pipeline.inspection.selected_input import chosen_image
from pipeline.inspection.walk import Walk
from pipeline.nodes.assemble import assemble, build_node
from pipeline.nodes.catalogue import NODES
from pipeline.training.sampler import draw_images
from pipeline.training.settings import Settings
from pipeline.training.trainer import Trainer
from pipeline.training.update_operations import draw_real_images

pytestmark = pytest.mark.usefixtures("one_thread")

UNIT = "data.value_range=0 to 1"
GAN = ("mlp-gan", "generator.hidden=16", "discriminator.hidden=16", "training.batch_size=8", "samples.count=4")
TWO_ENDS = "end it in a tanh, or set the value range of the images to 0 to 1"


@pytest.fixture
def trainer_of(small, tmp_path: Path):
    def make(name: str, *settings: str) -> Trainer:
        return Trainer.fresh(assemble(small(name, *settings), tmp_path))

    return make


@pytest.fixture
def gan(trainer_of) -> Trainer:
    return trainer_of(*GAN, UNIT, "generator.output=sigmoid")


def problems(workflow: Workflow) -> list[tuple[str | None, str, str]]:
    return [(each.node, each.input_name, each.message) for each in check(workflow, NODES).problems]


def constant(network: nn.Module, value: float) -> None:
    """Make the network return this value for every pixel, before its last function."""
    last = [layer for layer in network.modules() if isinstance(layer, nn.Linear | nn.ConvTranspose2d)][-1]
    nn.init.zeros_(last.weight)
    nn.init.constant_(last.bias, value)


def within(images: torch.Tensor) -> bool:
    return bool((images >= 0).all() and (images <= 1).all())


def test_a_run_of_0_to_1_trains_on_batches_of_0_to_1(gan):
    seen = {}
    for _ in range(2):
        for stage in gan.stages():
            seen |= stage.made
    assert gan.state.step == 2
    assert within(seen["real"]) and within(seen["fake"])
    assert (seen["real"].min().item(), seen["real"].max().item()) == (0, 1)
    assert all(math.isfinite(seen[name].item()) for name in ("D_loss", "G_loss"))


@pytest.mark.parametrize(("logit", "shade"), [(-1000.0, 0), (1000.0, 255), (0.0, 128)])
def test_a_generator_that_makes_only_0_or_1_draws_black_or_white(gan, logit, shade):
    constant(gan.state.networks["generator"], logit)
    assert np.unique(gan.draw(4, seed=0)).tolist() == [shade]
    latents = gan.sampler.latents(4, seed=0)
    assert np.unique(draw_images(gan.sampler, gan.state.networks, latents)).tolist() == [shade]


def test_samples_that_are_the_real_images_measure_as_in_the_other_range(trainer_of, gan):
    signed = trainer_of(*GAN)
    real = gan.experiment.images.train.pixels[:64].permute(0, 2, 3, 1).numpy()
    found, expected = (SampleCheckup(each.experiment).measure(each, real) for each in (gan, signed))
    for name in ("diversity", "energy_distance"):
        assert found[name] == pytest.approx(expected[name], rel=1e-4)


def test_pictures_of_real_images_are_the_stored_ones(gan):
    stored = gan.experiment.images.train.pixels[:1].permute(0, 2, 3, 1).numpy()
    image, _ = chosen_image(gan, "real", 1)
    assert within(image)
    assert np.array_equal(saliency_pictures(gan, 1)[0].images, stored)
    drawn = Walk(gan).next().images
    assert drawn is not None and (drawn.min(), drawn.max()) == (0, 255)


def test_augmentation_changes_the_same_pixels_in_both_ranges(tmp_path):
    def augmented(**inputs: str) -> torch.Tensor:
        wires = {"images": NodeData("ImageData", {"dataset": "digits", **inputs})}
        strong = {"images": ["images", 0], "brightness": 0.5, "cutout": 0.5, "noise": 0.1}
        workflow = Workflow("", {**wires, "augment": NodeData("Augment", strong)})
        images = build_node(check(workflow, NODES), "augment", tmp_path, "cpu", 0)
        operations = draw_real_images(images, Settings(8, 1, 0, torch.device("cpu"), values=images.values))
        node = check(workflow, NODES).nodes["augment"]
        state = SimpleNamespace(
            images_seen=0, random=torch.Generator().manual_seed(1), live=live_values("augment", node)
        )
        made = {}
        for operation in operations:
            made |= operation.run(state, made)
        return made["real"]

    unit = augmented(value_range="0 to 1")
    torch.testing.assert_close(unit, (augmented() + 1) / 2)
    assert within(unit)


@pytest.mark.parametrize("view", ["DiffAugment", "InstanceNoise"])
def test_what_the_discriminator_sees_is_changed_alike_in_both_ranges(small, tmp_path, view):
    def fake_seen(*settings: str) -> torch.Tensor:
        workflow = small(*GAN, *settings)
        training = workflow.nodes["training"]
        nodes = {
            **workflow.nodes,
            "views": NodeData(view, {"objective": ["objective", 0]}),
            "training": replace(training, inputs={**training.inputs, "objective": ["views", 0]}),
        }
        trainer = Trainer.fresh(assemble(replace(workflow, nodes=nodes), tmp_path))
        constant(trainer.state.networks["generator"], -1000.0)
        made = next(stage.made for stage in trainer.stages() if "fake_seen" in stage.made)
        return made["fake_seen"]

    torch.testing.assert_close(fake_seen(UNIT, "generator.output=sigmoid"), (fake_seen() + 1) / 2)


@pytest.mark.parametrize(("name", "reconstruction"), [("vae", "bce"), ("autoencoder", "mse"), ("autoencoder", "l1")])
def test_an_autoencoder_with_a_sigmoid_learns(trainer_of, name, reconstruction):
    settings = ("training.batch_size=32", "samples.count=4", f"objective.reconstruction={reconstruction}")
    trainer = trainer_of(name, *settings, UNIT, "decoder.output=sigmoid")
    losses = []
    for _ in range(20):
        made = {}
        for stage in trainer.stages():
            made |= stage.made
        losses.append(made["reconstruction"].item())
    assert losses[-1] < 0.9 * losses[0]
    assert within(made["reconstructions"])
    seen = look_at_codes(trainer, 1, 4).groups["held-out"]
    stored = trainer.experiment.images.held_out.pixels[:4].permute(0, 2, 3, 1).numpy()
    assert np.array_equal(seen.originals, stored)
    # Errors are of values in [-1, 1], as the page says, whatever the range.
    difference = (seen.originals.astype(float) - seen.reconstructions) / 127.5
    assert seen.errors == pytest.approx(np.sqrt((difference**2).mean((1, 2, 3))), abs=0.01)


def test_cross_entropy_is_that_of_the_brightness_in_both_ranges(trainer_of):
    def first_loss(*settings: str) -> float:
        trainer = trainer_of("vae", "objective.reconstruction=bce", "training.batch_size=16", *settings)
        # tanh(0) and sigmoid(0) are both middle grey.
        constant(trainer.state.networks["decoder"], 0.0)
        for stage in trainer.stages():
            if "reconstruction" in stage.made:
                return stage.made["reconstruction"].item()
        raise AssertionError

    settings = (UNIT, "decoder.output=sigmoid")
    assert first_loss(*settings) == pytest.approx(first_loss(), rel=1e-5)


@pytest.mark.parametrize(
    ("settings", "node", "sentence"),
    [
        ((UNIT,), "generator", "Generator ends in a tanh, which gives images from -1 to 1"),
        (("generator.output=sigmoid",), "generator", TWO_ENDS),
    ],
)
@pytest.mark.parametrize("name", ["mlp-gan", "dcgan", "r3gan"])
def test_a_generator_whose_end_does_not_fit_is_a_problem_at_its_node(small, name, settings, node, sentence):
    workflow = small(name, "generator.image_size=16", "data.image_size=16", *settings)
    ((where, field, message),) = problems(workflow)
    assert (where, field) == (node, "output") and sentence in message


def test_a_decoder_whose_end_does_not_fit_is_a_problem_at_its_node(small):
    ((where, field, message),) = problems(small("vae", UNIT))
    assert (where, field) == ("decoder", "output") and "Decoder ends in a tanh" in message
    assert not problems(small("vae", UNIT, "decoder.output=sigmoid"))


def test_a_sigmoid_changes_neither_weights_nor_their_names(small, tmp_path):
    first = assemble(small("mlp-gan"), tmp_path).networks["generator"].state_dict()
    second = assemble(small("mlp-gan", UNIT, "generator.output=sigmoid"), tmp_path).networks["generator"].state_dict()
    assert first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


def test_a_workflow_file_without_the_parameters_stays_as_it_is_and_means_the_old_range(small, tmp_path):
    workflow = small("mlp-gan")
    for node_id, node in workflow.nodes.items():
        inputs = {name: value for name, value in node.inputs.items() if name not in ("value_range", "output")}
        workflow = edit.replace_node(workflow, node_id, NodeData(node.class_type, inputs, node.title))
    assert "value_range" not in document.write(workflow) and '"output"' not in document.write(workflow)
    assert assemble(workflow, tmp_path).images.values == "-1 to 1"
