"""DiffAugment: augmentation of real and generated images, with a fixed or an adaptive probability."""

import pytest
import torch

from pipeline.graph.check import check
from pipeline.graph.edit import apply_settings, insert_node
from pipeline.nodes.assemble import assemble
from pipeline.nodes.catalogue import NODES
from pipeline.training import checkpoint
from pipeline.training.trainer import Trainer


@pytest.fixture
def augmented(small):
    """augmented("adaptive=true"): a small GAN on 8×8 digits with DiffAugment."""

    def load(*settings, template="mlp-gan"):
        networks = ["generator.hidden=16", "discriminator.hidden=16", "training.reuse_images=false"]
        plain = small(template, *(networks if template == "mlp-gan" else []), "training.batch_size=8")
        workflow, node = insert_node(plain, "DiffAugment", "objective", NODES)
        return apply_settings(workflow, [f"{node}.{setting}" for setting in settings], NODES)

    return load


@pytest.fixture
def begun(augmented, tmp_path):
    return lambda *settings: Trainer.fresh(assemble(augmented(*settings), tmp_path))


def strengths(found):
    return found.values[:, found.names.index("augment_strength")].tolist()


def test_the_discriminator_scores_augmented_real_and_generated_images(begun, made_by):
    trainer = begun()
    seen = []
    trainer.state.networks["discriminator"].register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    made = made_by(trainer, "discriminator")
    for kind, scored in zip(("real", "fake"), seen, strict=False):
        assert torch.equal(scored, made[f"{kind}_seen"])
        changed = (made[f"{kind}_seen"] != made[kind]).flatten(1).any(1)
        assert changed.all()


def test_the_generator_learns_through_the_augmentation(begun, made_by):
    made = made_by(begun(), "generator")
    assert not torch.equal(made["fake_seen"], made["fake"])
    assert made["G_grad_norm"] > 0


def test_with_a_probability_of_zero_the_images_are_unchanged(begun, made_by):
    made = made_by(begun("probability=0.0"), "discriminator")
    assert torch.equal(made["real_seen"], made["real"])


def test_an_adaptive_probability_starts_at_zero_and_follows_the_signs_of_real_scores(begun):
    trainer = begun("adaptive=true", "adjust_images=1000")
    (name,) = trainer.experiment.numbers
    assert trainer.state.numbers[name] == 0
    bias = list(trainer.state.networks["discriminator"].parameters())[-1]
    with torch.no_grad():
        bias.fill_(100)  # Every real image is scored as real, in spite of what a few steps change.
    rising = strengths(trainer.slice(10, seconds=60))
    assert rising == [pytest.approx(8 / 1000 * step) for step in range(1, 11)]
    with torch.no_grad():
        bias.fill_(-100)
    assert strengths(trainer.slice(4, seconds=60)) == [pytest.approx(0.08 - 0.008 * step) for step in range(1, 5)]


def test_the_probability_is_captured_and_saved(begun, tmp_path):
    trainer = begun("adaptive=true", "adjust_images=1000")
    (name,) = trainer.experiment.numbers
    trainer.state.numbers[name].fill_(0.3)
    captured = trainer.capture()
    checkpoint.save(tmp_path / "checkpoint", trainer.state, {})
    trainer.slice(3, seconds=60)
    on = trainer.state.numbers[name].item()
    assert on != pytest.approx(0.3, abs=1e-3)
    for back in (captured, checkpoint.read(tmp_path / "checkpoint")):
        trainer.restore(back)
        assert trainer.state.numbers[name].item() == pytest.approx(0.3)
        trainer.slice(3, seconds=60)
        assert trainer.state.numbers[name].item() == on


def test_an_adaptive_probability_with_a_critic_is_refused(augmented):
    (problem,) = check(augmented("adaptive=true", template="wgan-gp"), NODES).sentences()
    assert "sign of logits" in problem
    assert check(augmented(template="wgan-gp"), NODES).ok
