"""The commands `look_inside` and `look_at_codes`: a PNG for each label, and clear refusals."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO

import pytest
import torch
from PIL import Image

from pipeline.engine.look_commands import WIDTH, look_at_codes, look_inside
from pipeline.errors.machine import UnusableValue
from pipeline.graph.edit import apply_settings
from pipeline.graph.workflow import Workflow
from pipeline.nodes.assemble import assemble
from pipeline.nodes.catalogue import NODES
from pipeline.runtime.messages.commands import LookAtCodes, LookInside
from pipeline.runtime.messages.wire import read_reply, write
from pipeline.studio.workflows import open_template
from pipeline.training.trainer import Trainer

WHOLE = LookInside(role="discriminator", source="fake", index=3)


@pytest.fixture(scope="module")
def trainer(tmp_path_factory: pytest.TempPathFactory, small: Callable[..., Workflow]) -> Iterator[Trainer]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    trainer = Trainer.fresh(assemble(small(), tmp_path_factory.mktemp("home")))
    trainer.slice(2, seconds=60)
    yield trainer
    torch.set_num_threads(before)


def test_every_picture_has_a_unique_label_and_is_large_enough_to_show_unscaled(trainer):
    found = look_inside(trainer, WHOLE)
    assert found.step == 2
    assert len({each.label for each in found.pictures}) == len(found.pictures)
    opened = [Image.open(BytesIO(each.png)) for each in found.pictures]
    assert all(picture.format == "PNG" and picture.width >= WIDTH for picture in opened)


def test_everything_is_saliency_followed_by_activations(trainer):
    everything = look_inside(trainer, WHOLE)
    saliency = look_inside(trainer, replace(WHOLE, what="saliency"))
    activations = look_inside(trainer, replace(WHOLE, what="activations"))
    assert saliency.pictures + activations.pictures == everything.pictures
    assert saliency.pictures[0].label == "Real image 3" and saliency.pictures[2].label == "Fake image 3"
    assert activations.pictures[0].label == "Input of the discriminator: fake image 3"


def test_the_generator_has_activations_too(trainer):
    found = look_inside(trainer, replace(WHOLE, what="activations", role="generator"))
    assert found.pictures[0].label.startswith("Input of the generator: sample 3")
    assert any(each.label.startswith("tanh_1 Tanh") for each in found.pictures)


@pytest.mark.parametrize(
    "wrong", [{"what": "weights"}, {"role": "critic"}, {"source": "painted"}, {"index": 0}, {"index": 10**9}]
)
def test_an_unknown_choice_is_refused_with_the_available_ones(trainer, wrong):
    with pytest.raises(UnusableValue, match="choose"):
        look_inside(trainer, replace(WHOLE, **wrong))


@pytest.fixture(scope="module")
def coder(tmp_path_factory: pytest.TempPathFactory) -> Trainer:
    workflow = apply_settings(open_template("vae"), ["data.dataset=digits", "decoder.image_size=8"], NODES)
    return Trainer.fresh(assemble(workflow, tmp_path_factory.mktemp("home")))


def test_codes_have_a_picture_for_each_error_and_a_point_for_each_label(coder):
    found = look_at_codes(coder, LookAtCodes(first=2, count=3))
    assert {name: len(group) for name, group in found.groups.items()} == {"held-out": 3, "real": 3}
    with Image.open(BytesIO(found.groups["held-out"][0].png)) as picture:
        # The image, its reconstruction and their difference, stacked vertically.
        assert picture.height > 2 * picture.width
    for plane in found.planes.values():
        assert len(plane.points) == len(found.labels) == 180
    assert read_reply(write(found)) == found


def test_the_input_of_an_encoder_is_an_image_and_of_a_decoder_a_latent(coder):
    command = LookInside(role="encoder", source="held-out", index=2)
    assert look_inside(coder, command).pictures[0].label == "Input of the encoder: held-out image 2"
    decoded = look_inside(coder, replace(command, role="decoder"))
    assert decoded.pictures[0].label.startswith("Input of the decoder: sample 2")
    with pytest.raises(UnusableValue, match="no network of this run scores images"):
        look_inside(coder, replace(command, what="saliency"))


@pytest.mark.parametrize("wrong", [{"first": 0}, {"first": 10**9}, {"count": 0}, {"count": 65}])
def test_images_that_cannot_be_shown_are_refused(coder, wrong):
    with pytest.raises(UnusableValue):
        look_at_codes(coder, replace(LookAtCodes(first=1, count=3), **wrong))
