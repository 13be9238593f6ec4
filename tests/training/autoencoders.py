"""Tiny but real autoencoder experiments: 8×8 images, codes of three numbers, a few milliseconds per step."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from pipeline.families.autoencoder.coding import AutoencoderPart, DecoderPart, EncoderPart
from pipeline.families.autoencoder.family import series_of_step
from pipeline.families.autoencoder.step import autoencoder_experiment
from pipeline.models import autoencoder
from pipeline.models.build import build_network
from pipeline.objectives.elbo import RECONSTRUCTIONS
from pipeline.runs.series import names_of
from pipeline.training.experiment import Experiment
from pipeline.training.optimizer_part import OptimizerPart
from pipeline.training.parts import NoisePart, RealImages, SamplesPart
from pipeline.training.settings import Settings
from tests.training.conftest import BATCH, CPU, SHAPE, images

CODE = 3
RATE = "optimizer.learning_rate"

MakeAutoencoder = Callable[..., Experiment]


@pytest.fixture
def make_autoencoder() -> MakeAutoencoder:
    """Make a plain (variational=False) or variational autoencoder experiment with "mlp" or "conv" networks."""

    def make(
        family: str = "mlp",
        *,
        variational: bool = True,
        reconstruction: str = "mse",
        beta: float = 1.0,
        warmup: int = 0,
        dim: int = CODE,
        seed: int = 3,
        ema: int = 100,
        held_out: int = 10,
    ) -> Experiment:
        numbers = 2 if variational else 1
        if family == "mlp":
            plans = (
                autoencoder.mlp_encoder_plan(SHAPE, dim, numbers, (16,), 0.2),
                autoencoder.mlp_decoder_plan(dim, SHAPE, (16,), 0.2),
            )
        else:
            plans = (
                autoencoder.conv_encoder_plan(SHAPE, dim, numbers, 4),
                autoencoder.conv_decoder_plan(dim, SHAPE, 4),
            )
        prior = NoisePart("noise", dim)
        real = RealImages("data", images(50, seed=0), images(held_out, seed=1))
        objective = AutoencoderPart(
            "objective",
            RECONSTRUCTIONS[reconstruction],
            EncoderPart("encoder", build_network(plans[0], seed), real, prior),
            DecoderPart("decoder", build_network(plans[1], seed + 1), prior),
            beta="objective.beta" if variational else "",
            kl_warmup_steps=warmup,
        )
        experiment = autoencoder_experiment(
            "training",
            objective,
            _adam("encoder_optimizer"),
            _adam("decoder_optimizer"),
            Settings(BATCH, 100, seed, CPU, "fp32", ema),
            names_of(series_of_step(variational)),
        )
        live = {RATE: 0.002} | ({"objective.beta": beta} if variational else {})
        return replace(experiment, live=live, samples=SamplesPart("samples", 6, 10, 0), reading=("encoder",))

    return make


def _adam(node: str) -> OptimizerPart:
    return OptimizerPart(node, lambda weights: torch.optim.Adam(weights, lr=0.002), live={"lr": RATE})
