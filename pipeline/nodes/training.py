"""The training itself: which networks play, how long, and on what."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field

from pipeline.graph.node import Category, Link, Misfit, Node, Param, Port
from pipeline.nodes.building import Building
from pipeline.nodes.ports import CodingObjective, Images, Network, Objective, Optimizer, Training
from pipeline.runs.measurements import AUTOENCODER_CHECKUP, VARIATIONAL_CHECKUP

if TYPE_CHECKING:
    from pipeline.training.coding import AutoencoderPart
    from pipeline.training.experiment import Experiment, Settings
    from pipeline.training.parts import ObjectivePart, OptimizerPart


GAN_METRICS = ("D_loss", "G_loss", "D_real", "D_fake", "D_grad_norm", "G_grad_norm")
"""Series of every adversarial game; those of its penalties and of its schedules follow."""


def _device_name(name: str) -> str:
    if not re.fullmatch(r"auto|cpu|mps|cuda(:[0-9]{1,2})?", name):
        raise ValueError("not one of auto, cpu, cuda, cuda:1 and so on, mps")
    return name


class TrainingNode(Node):
    """What every training has: how long, on how many images at once, and what it is computed in."""

    category: ClassVar[Category] = "training"

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
    ema_halflife_images: Annotated[
        int,
        Field(
            ge=0,
            le=10_000_000,
            description="Samples are drawn from averaged weights; this many images on, half of the average's "
            "past is forgotten. 0 keeps no average.",
        ),
        Param(step=1000, label="EMA half-life in images"),
    ] = 5000
    ema_rampup: Annotated[
        float,
        Field(
            ge=0,
            le=1,
            description="The half-life is at most this share of the images trained on so far, so that the first "
            "averages are not of untrained weights; 0.05 is usual. 0 keeps the half-life from the start.",
        ),
        Param(step=0.01, label="EMA ramp-up"),
    ] = 0.0
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

    def asked(self, images: Images, sampled: Network, metrics: tuple[str, ...], **family: Any) -> Training:
        """The training as a port. family: the further fields of a Training. Raises Misfit for too few images."""
        if self.batch_size > images.count:
            raise Misfit(
                f"Batch size is {self.batch_size:,}, but there are only {images.count:,} images to train on.",
                field="batch_size",
            )
        return Training(
            images, sampled, self.batch_size, self.total_steps, self.seed, self.device, metrics=metrics, **family
        )

    def settings(self, building: Building) -> "Settings":
        """The same for the Trainer."""
        import torch

        from pipeline.training.experiment import Settings

        return Settings(
            batch_size=self.batch_size,
            total_steps=self.total_steps,
            seed=building.seed,
            device=torch.device(building.device),
            precision=self.precision,
            ema_halflife_images=self.ema_halflife_images,
            ema_rampup=self.ema_rampup,
        )


class GANTraining(TrainingNode):
    """Trains the discriminator and the generator in turn: a step is k updates of the one and one of the other."""

    title: ClassVar[str] = "GAN training"
    outputs: ClassVar[tuple[type[Port], ...]] = (Training,)

    objective: Annotated[Link, Objective, Field(description="What the two networks are trained for.")]
    generator_optimizer: Annotated[
        Link, Optimizer, Field(description="The optimizer that is wired to the objective's generator.")
    ]
    discriminator_optimizer: Annotated[
        Link, Optimizer, Field(description="The optimizer that is wired to the objective's discriminator.")
    ]
    discriminator_updates: Annotated[
        int,
        Field(ge=1, le=20, description="Updates of the discriminator for each one of the generator."),
        Param(live=True),
    ] = 1

    def infer(
        self, objective: Objective, generator_optimizer: Optimizer, discriminator_optimizer: Optimizer
    ) -> Training:
        _require_network("generator_optimizer", generator_optimizer, objective.generator)
        _require_network("discriminator_optimizer", discriminator_optimizer, objective.discriminator)
        rates = scheduled({"D_learning_rate": discriminator_optimizer, "G_learning_rate": generator_optimizer})
        metrics = (*GAN_METRICS, *objective.metrics, *rates)
        return self.asked(objective.discriminator.images, objective.generator, metrics)

    def build(
        self,
        building: Building,
        objective: "ObjectivePart",
        generator_optimizer: "OptimizerPart",
        discriminator_optimizer: "OptimizerPart",
    ) -> "Experiment":
        from pipeline.training.adversarial import adversarial_experiment

        return adversarial_experiment(
            building.node_id,
            objective,
            generator_optimizer,
            discriminator_optimizer,
            self.settings(building),
        )


class AutoencoderTraining(TrainingNode):
    """Trains the encoder and the decoder together: a step is one update of both."""

    title: ClassVar[str] = "Autoencoder training"
    outputs: ClassVar[tuple[type[Port], ...]] = (Training,)

    objective: Annotated[Link, CodingObjective, Field(description="What the encoder and the decoder are trained for.")]
    encoder_optimizer: Annotated[
        Link, Optimizer, Field(description="The optimizer that is wired to the objective's encoder.")
    ]
    decoder_optimizer: Annotated[
        Link, Optimizer, Field(description="The optimizer that is wired to the objective's decoder.")
    ]

    def infer(self, objective: CodingObjective, encoder_optimizer: Optimizer, decoder_optimizer: Optimizer) -> Training:
        encoder, decoder = objective.encoder, objective.decoder
        _require_network("encoder_optimizer", encoder_optimizer, encoder)
        _require_network("decoder_optimizer", decoder_optimizer, decoder)
        rates = scheduled({"encoder_learning_rate": encoder_optimizer, "decoder_learning_rate": decoder_optimizer})
        terms = ("reconstruction", "kl") if objective.has_prior else ("reconstruction",)
        return self.asked(
            encoder.images,
            decoder,
            ("loss", *terms, "grad_norm", *rates),
            checkup=VARIATIONAL_CHECKUP if objective.has_prior else AUTOENCODER_CHECKUP,
            updates=("autoencoder",),
            grid="samples" if objective.has_prior else "reconstructions",
        )

    def build(
        self,
        building: Building,
        objective: "AutoencoderPart",
        encoder_optimizer: "OptimizerPart",
        decoder_optimizer: "OptimizerPart",
    ) -> "Experiment":
        from pipeline.training.autoencoding import autoencoder_experiment

        return autoencoder_experiment(
            building.node_id, objective, encoder_optimizer, decoder_optimizer, self.settings(building)
        )


def scheduled(optimizers: Mapping[str, Optimizer]) -> tuple[str, ...]:
    """The metrics under which learning rates are recorded. optimizers: by the metric that the rate of each would be."""
    return tuple(metric for metric, optimizer in optimizers.items() if optimizer.schedule is not None)


def _require_network(wire: str, optimizer: Optimizer, network: Network) -> None:
    """Raises Misfit where an optimizer moves another network than the objective's."""
    # Two equal networks are still two: what counts is that both wires come from the same node.
    if optimizer.network is not network:
        moved = f"the {optimizer.network.role}" if optimizer.network.role != network.role else f"another {network.role}"
        words = wire.replace("_", " ")
        raise Misfit(
            f"Its {words} moves {moved}; wire to it the optimizer of the objective's {network.role}.", field=wire
        )
