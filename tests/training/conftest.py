"""Tiny but real experiments: 8×8 images, networks of a few hundred weights, a few milliseconds per step."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from pipeline.data.images import ImageSet
from pipeline.families.adversarial.family import STEP
from pipeline.families.adversarial.parts import (
    DiscriminatorPart,
    DiscriminatorView,
    GeneratorPart,
    ObjectivePart,
    PenaltyTerm,
)
from pipeline.families.adversarial.step import adversarial_experiment
from pipeline.models import dcgan, mlp
from pipeline.models.build import build_network
from pipeline.objectives.adversarial import NON_SATURATING, WASSERSTEIN
from pipeline.objectives.penalties import gradient_penalty
from pipeline.runs.series import names_of
from pipeline.training.experiment import Experiment
from pipeline.training.optimizer_part import OptimizerPart
from pipeline.training.parts import NoisePart, RealImages
from pipeline.training.settings import Settings
from pipeline.training.state import Captured

CPU = torch.device("cpu")
SHAPE = (1, 8, 8)
LATENT_DIM = 5
BATCH = 16
LIVE = {
    "generator_optimizer.learning_rate": 0.002,
    "discriminator_optimizer.learning_rate": 0.001,
    "penalty.penalty_weight": 10.0,
}

GP_FORMULA = r"(\lVert \nabla D \rVert - 1)^2"

MakeExperiment = Callable[..., Experiment]


@pytest.fixture(autouse=True)
def alone(one_thread: None) -> None:
    """Use one thread in every test of this folder, which is fastest for such small networks."""


def images(count: int, seed: int) -> ImageSet:
    random = torch.Generator().manual_seed(seed)
    pixels = torch.randint(0, 256, (count, *SHAPE), dtype=torch.uint8, generator=random)
    return ImageSet(pixels, torch.arange(count) % 10)


def adam(node: str) -> OptimizerPart:
    key = f"{node}.learning_rate"
    return OptimizerPart(
        node=node,
        make=lambda weights: torch.optim.Adam(weights, lr=LIVE[key], betas=(0.5, 0.99), fused=True),
        live={"lr": key},
    )


@pytest.fixture
def make_experiment() -> MakeExperiment:
    """Make an experiment: "mlp" (with dropout), "dcgan" (with batch norm) or "wgan-gp"."""

    def make(
        family: str = "mlp",
        *,
        discriminator_updates: int = 1,
        ema_halflife_images: int = 100,
        precision: str = "fp32",
        seed: int = 7,
        loss: object = None,
        generator_optimizer: OptimizerPart | None = None,
        held_out: int = 10,
        reuse_images: bool = False,
        views: tuple[DiscriminatorView, ...] = (),
    ) -> Experiment:
        if family == "mlp":
            plans = mlp.generator_plan(LATENT_DIM, SHAPE, (12, 16)), mlp.discriminator_plan(SHAPE, (16, 12))
        else:
            normalization = "batch" if family == "dcgan" else "none"
            plans = (
                dcgan.generator_plan(LATENT_DIM, SHAPE, base_channels=8),
                dcgan.discriminator_plan(SHAPE, base_channels=4, normalization=normalization),
            )
        real = RealImages("data", images(50, seed=0), images(held_out, seed=1))
        penalties = (
            PenaltyTerm(
                node="penalty",
                metric="gradient_penalty",
                penalty=gradient_penalty,
                weight="penalty.penalty_weight",
                slope="critic_slope",
                formula=GP_FORMULA,
            ),
        )
        objective = ObjectivePart(
            node="objective",
            loss=loss or (WASSERSTEIN if family == "wgan-gp" else NON_SATURATING),
            generator=GeneratorPart("generator", build_network(plans[0], seed), NoisePart("noise", LATENT_DIM)),
            discriminator=DiscriminatorPart("discriminator", build_network(plans[1], seed + 1), real),
            penalties=penalties if family == "wgan-gp" else (),
            views=views,
        )
        experiment = adversarial_experiment(
            "training",
            objective,
            generator_optimizer or adam("generator_optimizer"),
            adam("discriminator_optimizer"),
            Settings(BATCH, 100, seed, CPU, precision, ema_halflife_images),
            (
                *names_of(STEP),
                *(("gradient_penalty", "critic_slope") if family == "wgan-gp" else ()),
                *(("G_learning_rate",) if generator_optimizer and generator_optimizer.schedule else ()),
            ),
            reuse_images,
        )
        live = LIVE | {"training.discriminator_updates": discriminator_updates}
        return replace(experiment, live=live, reading=("discriminator",))

    return make


@pytest.fixture
def same_bits() -> Callable[[Captured, Captured], None]:
    """Assert that two captured states are bit-identical, except for the time spent."""

    def compare(left: Any, right: Any, where: str) -> None:
        assert type(left) is type(right), where
        if isinstance(left, Tensor):
            assert left.dtype == right.dtype, where
            assert torch.equal(left, right), where
        elif isinstance(left, dict):
            assert left.keys() == right.keys(), where
            for key in left:
                compare(left[key], right[key], f"{where}.{key}")
        elif isinstance(left, list | tuple):
            assert len(left) == len(right), where
            for position, pair in enumerate(zip(left, right, strict=True)):
                compare(*pair, f"{where}[{position}]")
        else:
            assert left == right, where

    def check(left: Captured, right: Captured) -> None:
        for name in vars(left).keys() - {"seconds"}:
            ours, theirs = (getattr(captured, name) for captured in (left, right))
            compare(dict(ours) if isinstance(ours, dict) else ours, theirs, name)

    return check
