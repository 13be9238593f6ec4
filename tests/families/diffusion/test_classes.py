"""A class that is asked for is drawn: a small classifier of digits recognises it."""

import pytest
import torch

from pipeline.evaluation.features import digits as digit_features
from pipeline.graph.edit import apply_settings
from pipeline.nodes.assemble import assemble
from pipeline.nodes.catalogue import NODES
from pipeline.studio.workflows import open_template
from pipeline.training.condition import ClassCondition
from pipeline.training.sampler import draw_images
from pipeline.training.trainer import Trainer

SETTINGS = (
    "training.autoencoder_steps=200", "training.total_steps=500", "training.device=cpu",
    "sampling.solver=dpm++ 2m", "sampling.steps=10", "sampling.guidance=3",
)  # fmt: skip


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.usefixtures("one_thread")
def test_guided_latent_diffusion_draws_the_digits_that_are_asked_for(tmp_path):
    trainer = Trainer.fresh(assemble(apply_settings(open_template("latent-diffusion"), SETTINGS, NODES), tmp_path))
    trainer.slice(500, seconds=600)
    sampler, networks = trainer.experiment.sampler, trainer.state.networks_of("ema")
    recognised = []
    for digit in range(10):
        made = draw_images(sampler, networks, sampler.latents(20, seed=1, condition=ClassCondition(digit)))
        images = torch.from_numpy(made).permute(0, 3, 1, 2).float() / 127.5 - 1
        recognised.append((digit_features.digits(images) == digit).float().mean().item())
    assert sum(recognised) / 10 > 0.9
    assert min(recognised) > 0.5
