"""The decay of the averaged weights, compared with values computed by hand."""

from dataclasses import replace

import pytest
import torch

from pipeline.training.settings import Settings
from pipeline.training.trainer import Trainer

SETTINGS = Settings(batch_size=64, total_steps=100, seed=0, device=torch.device("cpu"), ema_halflife_images=6400)


def test_half_of_the_average_is_replaced_after_its_half_life():
    assert SETTINGS.ema_decay(0) ** 100 == pytest.approx(0.5)
    assert SETTINGS.ema_decay(5000) == SETTINGS.ema_decay(0)


@pytest.mark.parametrize(
    ("step", "decay"),
    [
        (0, 0.0),  # no images yet: the average equals the weights
        (10, 0.5**2),  # 640 images, of which 5 % are 32: half a batch
        (100, 0.5**0.2),  # 320 images: five batches
        (2000, 0.5**0.01),  # 6,400 images: the half-life is reached
        (9000, 0.5**0.01),
    ],
)
def test_early_in_a_run_the_half_life_is_a_share_of_its_images(step, decay):
    assert replace(SETTINGS, ema_rampup=0.05).ema_decay(step) == pytest.approx(decay, rel=1e-12)


def test_with_a_tiny_share_the_average_equals_the_weights():
    assert replace(SETTINGS, ema_rampup=1e-300).ema_decay(3) == 0


def test_a_trainer_averages_with_the_ramp_up(make_experiment):
    experiment = make_experiment(ema_halflife_images=100)
    experiment = replace(experiment, settings=replace(experiment.settings, ema_rampup=0.25))
    trainer = Trainer.fresh(experiment)
    averaged = [weights.clone() for weights in trainer.state.averages["generator"].parameters()]
    for step in range(5):
        trainer.step()
        halflife = min(100, 0.25 * 16 * step)
        decay = 0.5 ** (16 / halflife) if halflife else 0.0
        weights = [each.detach() for each in trainer.state.networks["generator"].parameters()]
        averaged = [decay * old + (1 - decay) * new for old, new in zip(averaged, weights, strict=True)]
    torch.testing.assert_close(list(trainer.state.averages["generator"].parameters()), averaged, rtol=1e-5, atol=1e-7)
