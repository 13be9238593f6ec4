"""A generator that learns from the images of the discriminator's last update, as in most tutorials.

`tests/bench/test_loops.py` holds whole steps, of conditional and relativistic GANs too, against a loop by hand.
"""

import pytest
import torch
from torch import Tensor

from pipeline.families.adversarial.parts import DiscriminatorView
from pipeline.objectives.adversarial import RELATIVISTIC
from pipeline.training.trainer import Trainer


def stages_of(trainer: Trainer) -> list[tuple[str, str, dict[str, Tensor]]]:
    return [(stage.update, stage.name, dict(stage.made)) for stage in trainer.stages()]


def test_the_generators_update_scores_the_images_again_and_draws_none(make_experiment):
    stages = stages_of(Trainer.fresh(make_experiment("wgan-gp", reuse_images=True)))
    names = [name for update, name, _ in stages if update == "generator"]
    assert names == ["score fake again", "loss", "gradients", "update"]
    assert [name for update, name, _ in stages if update == "discriminator"][:5] == [
        "draw real images", "draw noise", "generate", "score real", "score fake",
    ]  # fmt: skip


def test_of_several_updates_of_the_discriminator_the_images_of_the_last_are_scored_again(make_experiment):
    trainer = Trainer.fresh(make_experiment("wgan-gp", reuse_images=True, discriminator_updates=3))
    images: list[Tensor] = []
    for stage in trainer.stages():
        if stage.name == "generate":
            images.append(stage.made["fake"])
        if stage.name == "score fake again":
            expected = trainer.state.networks["discriminator"](images[-1])
            assert torch.equal(stage.made["fake_scores"], expected.detach())
    assert len(images) == 3


@pytest.mark.parametrize("family", ["mlp", "dcgan", "wgan-gp"])
def test_stage_by_stage_equals_whole_steps_bit_for_bit(make_experiment, same_bits, family):
    slow, fast = (Trainer.fresh(make_experiment(family, reuse_images=True)) for _ in range(2))
    for _ in range(3):
        stages_of(slow)
    slow.read()
    torch.manual_seed(7)
    fast.restore(Trainer.fresh(make_experiment(family, reuse_images=True)).capture())
    fast.slice(3, seconds=60)
    same_bits(slow.capture(), fast.capture())


def test_the_discriminator_learns_from_the_images_as_if_they_were_constant(make_experiment):
    """Its update leaves neither gradients nor changes in the generator, and equals one on new images."""
    reusing, drawing = (Trainer.fresh(make_experiment("wgan-gp", reuse_images=reuse)) for reuse in (True, False))
    made = [[each for each in stages_of(trainer) if each[0] == "discriminator"] for trainer in (reusing, drawing)]
    for ours, theirs in zip(*made, strict=True):
        assert ours[:2] == theirs[:2]
        assert all(torch.equal(ours[2][name], theirs[2][name]) for name in theirs[2])


def test_the_generator_alone_draws_noise_of_its_own(make_experiment):
    trainer = Trainer.fresh(make_experiment("mlp", reuse_images=True))
    trainer.slice(2, seconds=60)
    networks = trainer.state.networks
    before = {role: [weight.clone() for weight in networks[role].parameters()] for role in networks}
    drawn = trainer.state.random.get_state()
    assert trainer.update_only("generator").keys() == {"G_loss", "G_grad_norm"}
    assert not torch.equal(drawn, trainer.state.random.get_state())
    changed = {
        role: any(not torch.equal(*pair) for pair in zip(before[role], networks[role].parameters(), strict=True))
        for role in networks
    }
    assert changed == {"generator": True, "discriminator": False}


def test_what_the_discriminator_sees_is_transformed_anew_for_the_generator(make_experiment):
    def noisy(images, state):
        return images + torch.randn(images.shape, generator=state.random)

    experiment = make_experiment(
        "wgan-gp", reuse_images=True, views=(DiscriminatorView("objective", "augment", noisy),)
    )
    seen = [made["fake_seen"] for _, name, made in stages_of(Trainer.fresh(experiment)) if name == "augment"]
    assert len(seen) == 2 and not torch.equal(*seen)
    trainer = Trainer.fresh(experiment)
    trainer.slice(1, seconds=60)
    assert all(weight.grad is not None for weight in trainer.state.networks["generator"].parameters())


def test_a_loss_that_compares_images_takes_the_real_ones_too(make_experiment):
    trainer = Trainer.fresh(make_experiment("mlp", reuse_images=True, loss=RELATIVISTIC))
    names = [name for update, name, _ in stages_of(trainer) if update == "generator"]
    assert names[:2] == ["score real", "score fake again"]
    assert trainer.state.images_seen == 16
    assert trainer.update_only("generator").keys() == {"G_loss", "G_grad_norm"}
    assert trainer.state.images_seen == 32
