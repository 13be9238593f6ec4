"""What the engine answers when somebody looks inside: a PNG for each label, and refusals in sentences."""

from collections.abc import Callable, Iterator
from io import BytesIO

import pytest
import torch
from PIL import Image

from pipeline.engine.looking import WIDTH, look_inside
from pipeline.errors.machine import UnusableValue
from pipeline.graph.workflow import Workflow
from pipeline.nodes.assemble import assemble
from pipeline.training.trainer import Trainer

WHOLE = {"what": "everything", "role": "discriminator", "source": "fake", "index": 3}


@pytest.fixture(scope="module")
def trainer(tmp_path_factory: pytest.TempPathFactory, small: Callable[..., Workflow]) -> Iterator[Trainer]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    trainer = Trainer.fresh(assemble(small(), tmp_path_factory.mktemp("home")))
    trainer.slice(2, seconds=60)
    yield trainer
    torch.set_num_threads(before)


def test_every_label_has_its_picture_and_no_picture_has_to_be_grown_by_a_browser(trainer):
    values, pictures = look_inside(trainer, WHOLE)
    assert values["step"] == 2
    assert len(values["labels"]) == len(set(values["labels"])) == len(pictures)
    opened = [Image.open(BytesIO(png)) for png in pictures]
    assert all(picture.format == "PNG" and picture.width >= WIDTH for picture in opened)


def test_saliency_and_activations_are_the_two_parts_of_everything(trainer):
    everything = look_inside(trainer, WHOLE)
    saliency = look_inside(trainer, WHOLE | {"what": "saliency"})
    activations = look_inside(trainer, WHOLE | {"what": "activations"})
    assert saliency[0]["labels"] + activations[0]["labels"] == everything[0]["labels"]
    assert saliency[1] + activations[1] == everything[1]
    assert saliency[0]["labels"][0] == "Real image 3" and saliency[0]["labels"][2] == "Fake image 3"
    assert activations[0]["labels"][0] == "Into the discriminator: fake image 3"


def test_the_generator_is_looked_into_as_well(trainer):
    values, _ = look_inside(trainer, WHOLE | {"what": "activations", "role": "generator"})
    assert values["labels"][0].startswith("Into the generator: noise")
    assert any(label.startswith("tanh_1 Tanh") for label in values["labels"])


@pytest.mark.parametrize(
    "wrong", [{"what": "weights"}, {"role": "critic"}, {"source": "painted"}, {"index": 0}, {"index": 10**9}]
)
def test_what_there_is_not_is_refused_with_what_there_is(trainer, wrong):
    with pytest.raises(UnusableValue, match="choose"):
        look_inside(trainer, WHOLE | wrong)
