"""The adversarial step of conditional networks: who is told which class, and that classes are learnt."""

import numpy as np
import pytest
import torch
from torch import nn

from pipeline.data.images import ImageSet, to_float
from pipeline.graph.edit import apply_settings, insert_node
from pipeline.nodes.assemble import assemble
from pipeline.nodes.catalogue import NODES
from pipeline.studio.workflows import open_template
from pipeline.training.trainer import Trainer

SMALL = (
    *("data.dataset=digits", "generator.image_size=8", "noise.dim=16", "training.device=cpu"),
    *("generator.base_channels=16", "discriminator.base_channels=8", "training.batch_size=32"),
)


@pytest.fixture
def conditional(tmp_path):
    """conditional("training.seed=1"): a trainer of the conditional template on the small digits."""

    def begin(*settings):
        workflow = apply_settings(open_template("conditional-dcgan"), [*SMALL, *settings], NODES)
        return Trainer.fresh(assemble(workflow, tmp_path))

    return begin


def made_by(trainer, update):
    made = {}
    for stage in trainer.stages():
        if stage.update == update:
            made |= stage.made
    return made


def test_generated_images_have_the_classes_of_the_real_ones_beside_them(conditional):
    trainer = conditional()
    seen = {}
    network = trainer.state.networks["discriminator"]
    network.register_forward_pre_hook(
        lambda module, inputs, named: seen.setdefault("labels", []).append(named["labels"]), with_kwargs=True
    )
    made = made_by(trainer, "discriminator")
    labels = made["labels"]
    assert torch.equal(made["latents"][:, -10:].argmax(1), labels)
    assert made["latents"][:, -10:].sum(1).eq(1).all()
    for told in seen["labels"][:2]:  # once for the real images, once for the generated ones
        assert torch.equal(told, labels)


def test_the_classes_of_a_generator_update_come_as_often_as_in_the_real_images(conditional):
    trainer = conditional()
    labels = trainer.experiment.images.train.labels
    rare = labels == 3
    labels[rare.nonzero().squeeze()[5:]] = 4  # nearly no threes are left, and twice as many fours
    drawn = torch.cat([made_by(trainer, "generator")["labels"] for _ in range(20)])
    share = (drawn == 4).float().mean().item()
    assert share == pytest.approx((labels == 4).float().mean().item(), abs=0.06)
    assert (drawn == 3).float().mean().item() < 0.03


def test_samples_come_class_by_class_in_turn(conditional):
    trainer = conditional()
    latents = trainer.experiment.draw_latents(23, torch.Generator().manual_seed(0))
    assert latents.shape == (23, 26)
    assert latents[:, 16:].argmax(1).tolist() == [place % 10 for place in range(23)]


def test_a_penalty_looks_at_scores_that_know_the_class(tmp_path):
    workflow, _ = insert_node(open_template("conditional-dcgan"), "R1R2Penalty", "objective", NODES)
    settings = [*SMALL, "discriminator.normalization=none"]
    trainer = Trainer.fresh(assemble(apply_settings(workflow, settings, NODES), tmp_path))
    found = trainer.slice(2, seconds=60)
    assert found.values[-1, found.names.index("r1")] > 0


def classifier(images: ImageSet) -> nn.Module:
    """A small convolutional network that has learnt the classes of these images."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = nn.Sequential(
            nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.Conv2d(32, 32, 3, padding=1), nn.ReLU(),
            nn.MaxPool2d(2), nn.Flatten(), nn.Linear(32 * 16, 10),
        )  # fmt: skip
        optimizer = torch.optim.Adam(network.parameters(), lr=0.002)
        for _ in range(300):
            places = torch.randint(images.count, (64,))
            loss = nn.functional.cross_entropy(network(images.batch(places)), images.labels[places])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return network.eval()


@pytest.mark.slow
def test_samples_of_a_class_are_recognised_as_that_class_by_a_classifier_of_real_images(conditional):
    trainer = conditional()
    images = trainer.experiment.images
    judge = classifier(images.train)

    @torch.no_grad()
    def classes_of(found):
        return judge(found).argmax(1)

    def recognised():
        pixels = torch.from_numpy(np.ascontiguousarray(trainer.draw(200, seed=1))).permute(0, 3, 1, 2)
        return (classes_of(to_float(pixels)) == torch.arange(200) % 10).float().mean().item()

    held_out = images.held_out
    right = classes_of(held_out.batch(torch.arange(held_out.count))) == held_out.labels
    assert right.float().mean() > 0.9, "the judge itself must know the digits"
    before = recognised()
    trainer.slice(800, seconds=600)
    after = recognised()
    print(f"recognised: {before:.2f} before training, {after:.2f} after 800 steps, 0.10 by chance")
    assert before < 0.3
    assert after > 0.5
