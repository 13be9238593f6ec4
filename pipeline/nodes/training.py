"""The training itself: which networks play, how long, and on what."""

import re
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from pipeline.graph.node import Category, Link, Misfit, Node, Param, Port
from pipeline.nodes.building import Building
from pipeline.nodes.ports import Network, Objective, Optimizer, Training

if TYPE_CHECKING:
    from pipeline.training.experiment import Experiment
    from pipeline.training.parts import ObjectivePart, OptimizerPart


GAN_METRICS = ("D_loss", "G_loss", "D_real", "D_fake", "D_grad_norm", "G_grad_norm")
"""Series of every adversarial game; those of its penalties follow."""


def _device_name(name: str) -> str:
    if not re.fullmatch(r"auto|cpu|mps|cuda(:[0-9]{1,2})?", name):
        raise ValueError("not one of auto, cpu, cuda, cuda:1 and so on, mps")
    return name


class GANTraining(Node):
    """Trains the discriminator and the generator in turn: a step is k updates of the one and one of the other."""

    title: ClassVar[str] = "GAN training"
    category: ClassVar[Category] = "training"
    outputs: ClassVar[tuple[type[Port], ...]] = (Training,)

    objective: Annotated[Link, Objective, Field(description="What the two networks are trained for.")]
    generator_optimizer: Annotated[
        Link, Optimizer, Field(description="The optimizer that is wired to the objective's generator.")
    ]
    discriminator_optimizer: Annotated[
        Link, Optimizer, Field(description="The optimizer that is wired to the objective's discriminator.")
    ]
    batch_size: Annotated[
        int,
        Field(ge=2, le=4096, description="Images in one update."),
        Param(key=True, step=16),
    ] = 64
    total_steps: Annotated[
        int,
        Field(ge=1, le=10_000_000, description="Steps until the run is finished; it can be taken further then."),
        Param(key=True, step=500),
    ] = 3000
    discriminator_updates: Annotated[
        int,
        Field(ge=1, le=20, description="Updates of the discriminator for each one of the generator."),
        Param(live=True),
    ] = 1
    ema_halflife_images: Annotated[
        int,
        Field(
            ge=0,
            le=10_000_000,
            description="Samples are drawn from averaged generator weights; this many images on, half of the average's "
            "past is forgotten. 0 keeps no average.",
        ),
        Param(step=1000, label="EMA half-life in images"),
    ] = 5000
    seed: Annotated[
        int,
        Field(ge=0, le=2**32 - 1, description="Start of all random numbers: same seed, same run on the same machine."),
    ] = 0
    precision: Annotated[
        Literal["fp32", "bf16"],
        Field(description="fp32: exact. bf16: forward passes in half precision, faster on recent GPUs."),
    ] = "fp32"
    device: Annotated[
        str,
        AfterValidator(_device_name),
        Field(description="auto takes a CUDA GPU where there is one; or name cpu, cuda, cuda:1, mps."),
    ] = "auto"

    def infer(
        self, objective: Objective, generator_optimizer: Optimizer, discriminator_optimizer: Optimizer
    ) -> Training:
        _require_network("generator_optimizer", generator_optimizer, objective.generator)
        _require_network("discriminator_optimizer", discriminator_optimizer, objective.discriminator)
        images = objective.discriminator.images
        if self.batch_size > images.count:
            raise Misfit(
                f"Batch size is {self.batch_size:,}, but there are only {images.count:,} images to train on.",
                field="batch_size",
            )
        metrics = (*GAN_METRICS, *objective.metrics)
        return Training(images, self.batch_size, self.total_steps, self.seed, self.device, metrics)

    def build(
        self,
        building: Building,
        objective: "ObjectivePart",
        generator_optimizer: "OptimizerPart",
        discriminator_optimizer: "OptimizerPart",
    ) -> "Experiment":
        import torch

        from pipeline.training.adversarial import adversarial_experiment
        from pipeline.training.experiment import Settings

        settings = Settings(
            batch_size=self.batch_size,
            total_steps=self.total_steps,
            seed=building.seed,
            device=torch.device(building.device),
            precision=self.precision,
            ema_halflife_images=self.ema_halflife_images,
        )
        return adversarial_experiment(
            building.node_id,
            objective,
            generator_optimizer,
            discriminator_optimizer,
            settings,
        )


def _require_network(wire: str, optimizer: Optimizer, network: Network) -> None:
    """Raises Misfit where an optimizer moves another network than the objective's."""
    # Two equal networks are still two: what counts is that both wires come from the same node.
    if optimizer.network is not network:
        moved = f"the {optimizer.network.role}" if optimizer.network.role != network.role else f"another {network.role}"
        words = wire.replace("_", " ")
        raise Misfit(
            f"Its {words} moves {moved}; wire to it the optimizer of the objective's {network.role}.", field=wire
        )
