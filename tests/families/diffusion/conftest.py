"""Tiny but real diffusion experiments: 8×8 images, a UNet of a few thousand weights, a few milliseconds per step."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
import torch

from pipeline.families.autoencoder.coding import AutoencoderPart, DecoderPart, EncoderPart
from pipeline.families.autoencoder.family import series_of_step
from pipeline.families.diffusion.family import GRADIENT, WHOLE_LOSS
from pipeline.families.diffusion.latent_step import latent_diffusion_experiment
from pipeline.families.diffusion.latents import LatentsPart, with_scale
from pipeline.families.diffusion.parts import DenoiserPart, DenoisingPart, SamplingPart, equal_weights
from pipeline.families.diffusion.solvers import Solver
from pipeline.families.diffusion.step import denoising_experiment
from pipeline.models import autoencoder
from pipeline.models.build import build_network, seeded_weights
from pipeline.models.unet import UNet
from pipeline.objectives.denoising import PREDICTIONS, draw_times
from pipeline.objectives.elbo import RECONSTRUCTIONS
from pipeline.objectives.noising import Line, VariancePreserving, betas_of
from pipeline.runs.series import names_of
from pipeline.training.experiment import Experiment
from pipeline.training.optimizer_part import OptimizerPart
from pipeline.training.parts import NoisePart, RealImages
from pipeline.training.settings import Settings
from tests.training.conftest import BATCH, CPU, SHAPE, images

AUTOENCODER_STEPS = 4
CODE = (2, 2, 2)


def adam(node: str) -> OptimizerPart:
    return OptimizerPart(node, lambda weights: torch.optim.Adam(weights, lr=0.002), live={})


def objective_of(denoiser: DenoiserPart, prediction: str, dropout: float) -> DenoisingPart:
    noising = Line() if prediction == "velocity" else VariancePreserving(betas_of("cosine", 100))
    times = partial(draw_times, "uniform")
    return DenoisingPart("objective", denoiser, noising, PREDICTIONS[prediction], times, equal_weights, dropout)


@pytest.fixture
def make_denoiser(one_thread: None) -> Callable[..., Experiment]:
    """Make an experiment in pixels: with a prediction, conditional or not."""

    def make(
        prediction: str = "velocity", *, classes: int = 0, dropout: float = 0.0, guidance: float = 1.0
    ) -> Experiment:
        real = RealImages("data", images(50, seed=0), images(10, seed=1), classes)
        with seeded_weights(3):
            network = UNet(SHAPE, (8, 16), classes=classes)
        objective = objective_of(DenoiserPart("network", network, real, classes), prediction, dropout)
        return denoising_experiment(
            "training",
            objective,
            adam("optimizer"),
            SamplingPart(Solver("euler", 3), guidance),
            Settings(BATCH, 100, 3, CPU, "fp32", 100),
            (WHOLE_LOSS.name, GRADIENT.name),
        )

    return make


@pytest.fixture
def make_latent(one_thread: None, tmp_path) -> Callable[..., Experiment]:
    """Make an experiment of both phases, the first of AUTOENCODER_STEPS steps."""

    def make() -> Experiment:
        real = RealImages("data", images(50, seed=0), images(10, seed=1))
        prior = NoisePart("noise", 8)
        coding = AutoencoderPart(
            "coding",
            RECONSTRUCTIONS["mse"],
            EncoderPart("encoder", build_network(autoencoder.spatial_encoder_plan(SHAPE, 2, 2, 4), 1), real, prior),
            DecoderPart("decoder", build_network(autoencoder.spatial_decoder_plan(2, SHAPE, 4), 2), prior),
            beta="coding.beta",
        )
        part = LatentsPart("latents", real, coding, CODE, tmp_path)
        with seeded_weights(3):
            network = with_scale(UNet(CODE, (8,)))
        objective = objective_of(DenoiserPart("network", network, real, 0, part), "velocity", 0.0)
        optimizers = {role: adam(f"{role}_optimizer") for role in ("denoiser", "encoder", "decoder")}
        experiment = latent_diffusion_experiment(
            "training",
            objective,
            optimizers,
            SamplingPart(Solver("euler", 2)),
            Settings(BATCH, 100, 3, CPU, "fp32", 100),
            AUTOENCODER_STEPS,
            (*names_of(series_of_step(True)), WHOLE_LOSS.name, GRADIENT.name),
        )
        return replace(experiment, live={"coding.beta": 0.1})

    return make
