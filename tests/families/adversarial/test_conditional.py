"""The GAN's step with conditional networks: the labels that each network receives."""

import pytest
import torch

from pipeline.data.batches import Batches
from pipeline.graph.edit import apply_settings, insert_node
from pipeline.nodes.assemble import assemble
from pipeline.nodes.catalogue import NODES
from pipeline.studio.workflows import open_template
from pipeline.training.condition import ClassCondition
from pipeline.training.trainer import Trainer

SMALL = (
    "data.dataset=digits", "generator.image_size=8", "noise.dim=16", "training.device=cpu",
    "generator.base_channels=16", "discriminator.base_channels=8", "training.batch_size=32",
)  # fmt: skip


@pytest.fixture
def conditional(tmp_path):
    """conditional("training.seed=1"): a trainer of the conditional template on 8×8 digits."""

    def begin(*settings):
        workflow = apply_settings(open_template("conditional-dcgan"), [*SMALL, *settings], NODES)
        return Trainer.fresh(assemble(workflow, tmp_path))

    return begin


def test_generated_images_have_the_classes_of_the_real_ones_in_the_batch(conditional, made_by):
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
    for told in seen["labels"][:2]:  # one call for the real images, one for the generated ones
        assert torch.equal(told, labels)


def test_an_unconditional_discriminator_also_gets_generated_images_of_the_real_classes(conditional, made_by):
    trainer = conditional("discriminator.conditional=false")
    train = trainer.experiment.images.train
    beside = Batches(train, trainer.experiment.settings.seed, 32).after(0)
    made = made_by(trainer, "discriminator")
    assert torch.equal(made["real"], beside.images)
    assert torch.equal(made["latents"][:, -10:].argmax(1), train.labels[beside.indices])


def test_a_generator_update_draws_classes_with_the_frequencies_of_the_real_images(conditional, made_by):
    trainer = conditional()
    labels = trainer.experiment.images.train.labels
    rare = labels == 3
    labels[rare.nonzero().squeeze()[5:]] = 4  # leaves almost no threes, and twice as many fours
    drawn = torch.cat([made_by(trainer, "generator")["labels"] for _ in range(20)])
    share = (drawn == 4).float().mean().item()
    assert share == pytest.approx((labels == 4).float().mean().item(), abs=0.06)
    assert (drawn == 3).float().mean().item() < 0.03


def test_samples_cycle_through_the_classes(conditional):
    trainer = conditional()
    latents = trainer.sampler.latents(23, seed=0)
    assert latents.values.shape == (23, 26)
    assert latents.values[:, 16:].argmax(1).tolist() == latents.labels.tolist() == [place % 10 for place in range(23)]
    asked = trainer.sampler.latents(23, 0, ClassCondition(7))
    assert asked.labels.tolist() == [7] * 23
    assert torch.equal(asked.values[:, :16], latents.values[:, :16])


def test_a_penalty_uses_scores_conditioned_on_the_class(tmp_path):
    workflow, _ = insert_node(open_template("conditional-dcgan"), "R1R2Penalty", "objective", NODES)
    settings = [*SMALL, "discriminator.normalization=none"]
    trainer = Trainer.fresh(assemble(apply_settings(workflow, settings, NODES), tmp_path))
    found = trainer.slice(2, seconds=60)
    assert found.values[-1, found.names.index("r1")] > 0
