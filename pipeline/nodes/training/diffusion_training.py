"""The training nodes of diffusion models: in pixels, and on the latents of an autoencoder trained first."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from pipeline.families.autoencoder import family as autoencoder
from pipeline.families.diffusion import family as diffusion
from pipeline.families.diffusion.family import DIFFUSION
from pipeline.families.diffusion.latent_family import LATENT_DENOISING, LATENT_DIFFUSION
from pipeline.families.diffusion.options import options_of
from pipeline.families.family import Family
from pipeline.families.sampling_options import SamplingOption
from pipeline.graph.node import Link, Misfit, Param, Port
from pipeline.nodes.building import Building
from pipeline.nodes.phases import Phase
from pipeline.nodes.ports import (
    DenoiserPort,
    DenoisingObjectivePort,
    ImagesPort,
    LatentsPort,
    NetworkPort,
    OptimizerPort,
    SamplingPort,
    TrainingPort,
)
from pipeline.nodes.training.optimizers import require_network, scheduled
from pipeline.nodes.training.training_node import TrainingNode
from pipeline.runs.series import Series
from pipeline.training.condition import Classes

if TYPE_CHECKING:
    from pipeline.families.diffusion.parts import DenoisingPart, SamplingPart
    from pipeline.training.experiment import Experiment
    from pipeline.training.optimizer_part import OptimizerPart

ObjectiveWire = Annotated[Link, DenoisingObjectivePort, Field(description="The loss of the denoiser.")]
OptimizerWire = Annotated[Link, OptimizerPort, Field(description="The optimizer of the objective's denoiser.")]
SamplingWire = Annotated[Link, SamplingPort, Field(description="How the images of the sample grid are made.")]


class DiffusionTraining(TrainingNode):
    """Trains a denoiser of images, or of the latents of a trained autoencoder: each step is one update, on images or
    latents noised to random times."""

    title: ClassVar[str] = "Diffusion training"
    family: ClassVar[Family] = DIFFUSION
    outputs: ClassVar[tuple[type[Port], ...]] = (TrainingPort,)

    objective: ObjectiveWire
    optimizer: OptimizerWire
    sampling: SamplingWire

    def infer(
        self, objective: DenoisingObjectivePort, optimizer: OptimizerPort, sampling: SamplingPort
    ) -> TrainingPort:
        denoiser = objective.denoiser
        _require_matching(objective, optimizer, sampling)
        made_by: NetworkPort
        match denoiser.images:
            case LatentsPort(trained=True) as latents:
                images, made_by, family = latents.images, latents.autoencoder.decoder, LATENT_DENOISING
            case ImagesPort() as images:
                made_by, family = denoiser, DIFFUSION
            case _:
                raise Misfit(
                    "Denoiser learns latents of an autoencoder that is not trained yet; use the node Latent diffusion, "
                    "which trains it first, or a trained autoencoder in place of the latents."
                )
        asked = self.asked(
            images,
            made_by,
            _series(optimizer),
            _measured(denoiser, sampling),
            codes=family is LATENT_DENOISING,
            conditions=_conditions(denoiser),
            options=_options(objective, sampling),
        )
        return replace(asked, family=family)

    def build(
        self, building: Building, objective: "DenoisingPart", optimizer: "OptimizerPart", sampling: "SamplingPart"
    ) -> "Experiment":
        from pipeline.families.diffusion.step import denoising_experiment

        return denoising_experiment(
            building.node_id, objective, optimizer, sampling, self.settings(building), building.series
        )


class LatentDiffusionTraining(TrainingNode):
    """Trains latent diffusion: first the autoencoder, then, with it frozen, the denoiser on its latents.

    Steps are counted through: with 600 steps of the autoencoder and 2,000 in total, the denoiser gets 1,400. Grids of
    the first phase show reconstructions of held-out images, those of the second what is made from noise.
    """

    title: ClassVar[str] = "Latent diffusion"
    family: ClassVar[Family] = LATENT_DIFFUSION
    outputs: ClassVar[tuple[type[Port], ...]] = (TrainingPort,)

    objective: ObjectiveWire
    optimizer: OptimizerWire
    sampling: SamplingWire
    encoder_optimizer: Annotated[Link, OptimizerPort, Field(description="The optimizer of the encoder.")]
    decoder_optimizer: Annotated[Link, OptimizerPort, Field(description="The optimizer of the decoder.")]
    autoencoder_steps: Annotated[
        int,
        Field(ge=1, le=10_000_000, description="Steps of the autoencoder, before those of the denoiser."),
        Param(key=True, step=100),
    ] = 600

    def infer(
        self,
        objective: DenoisingObjectivePort,
        optimizer: OptimizerPort,
        sampling: SamplingPort,
        encoder_optimizer: OptimizerPort,
        decoder_optimizer: OptimizerPort,
    ) -> TrainingPort:
        denoiser = objective.denoiser
        latents = denoiser.images
        if not isinstance(latents, LatentsPort):
            raise Misfit(
                "Denoiser learns images, so there is no autoencoder to train; use the node Diffusion training instead."
            )
        if latents.trained:
            raise Misfit(
                "The autoencoder of these latents is trained already; use the node Diffusion training instead."
            )
        _require_matching(objective, optimizer, sampling)
        coding = latents.autoencoder
        require_network("encoder_optimizer", encoder_optimizer, coding.encoder)
        require_network("decoder_optimizer", decoder_optimizer, coding.decoder)
        if self.autoencoder_steps >= self.total_steps:
            raise Misfit(
                f"The autoencoder takes {self.autoencoder_steps:,} of {self.total_steps:,} steps, which leaves none "
                "for the denoiser; lower the steps of the autoencoder, or raise the total.",
                field="autoencoder_steps",
                value=max(1, self.total_steps // 3),
            )
        return self.asked(
            latents.images,
            coding.decoder,
            (
                *autoencoder.series_of_step(coding.has_prior),
                *scheduled(encoder_optimizer, autoencoder.ENCODER_RATE),
                *scheduled(decoder_optimizer, autoencoder.DECODER_RATE),
                *_series(optimizer),
            ),
            (
                *autoencoder.series_of_checkup(coding.has_prior, latents.held_out > 0),
                *_measured(denoiser, sampling),
            ),
            codes=True,
            conditions=_conditions(denoiser),
            phases=(
                Phase(
                    autoencoder.AUTOENCODER_UPDATE,
                    0,
                    self.autoencoder_steps,
                    "reconstructions",
                    (autoencoder.ENCODER, autoencoder.DECODER),
                ),
                Phase(diffusion.DENOISER_UPDATE, self.autoencoder_steps, None, roles=(diffusion.DENOISER,)),
            ),
            options=_options(objective, sampling),
        )

    def build(
        self,
        building: Building,
        objective: "DenoisingPart",
        optimizer: "OptimizerPart",
        sampling: "SamplingPart",
        encoder_optimizer: "OptimizerPart",
        decoder_optimizer: "OptimizerPart",
    ) -> "Experiment":
        from pipeline.families.diffusion.latent_step import latent_diffusion_experiment

        optimizers = {
            diffusion.DENOISER: optimizer,
            autoencoder.ENCODER: encoder_optimizer,
            autoencoder.DECODER: decoder_optimizer,
        }
        return latent_diffusion_experiment(
            building.node_id,
            objective,
            optimizers,
            sampling,
            self.settings(building),
            self.autoencoder_steps,
            building.series,
        )


def _require_matching(objective: DenoisingObjectivePort, optimizer: OptimizerPort, sampling: SamplingPort) -> None:
    """Raises Misfit if the optimizer updates another network, or sampling takes more steps than there are times."""
    require_network("optimizer", optimizer, objective.denoiser)
    most = objective.most_steps
    if most is not None and sampling.steps > most:
        raise Misfit(
            f"Sampling takes {sampling.steps:,} steps, but the objective has only {most:,} times; set steps to "
            f"{most:,} or fewer.",
            wire="sampling",
            field="steps",
            value=most,
        )


def _series(optimizer: OptimizerPort) -> tuple[Series, ...]:
    return (diffusion.WHOLE_LOSS, diffusion.GRADIENT, *scheduled(optimizer, diffusion.RATE))


def _measured(denoiser: DenoiserPort, sampling: SamplingPort) -> tuple[Series, ...]:
    """What is measured of held-out images with every sample grid."""
    if not denoiser.images.held_out:
        return ()
    latents = diffusion.DEVIATIONS if isinstance(denoiser.images, LatentsPort) else ()
    guided = (diffusion.GUIDED,) if denoiser.classes and sampling.guidance != 1 else ()
    return (*diffusion.BANDS, *latents, *guided)


def _options(objective: DenoisingObjectivePort, sampling: SamplingPort) -> tuple[SamplingOption, ...]:
    classes = objective.denoiser.classes
    return options_of(sampling.steps, sampling.guidance, sampling.solver, objective.most_steps, classes)


def _conditions(denoiser: DenoiserPort) -> tuple[Classes, ...]:
    images = denoiser.images
    classes = images.class_names[: denoiser.classes] or tuple(map(str, range(denoiser.classes)))
    return (Classes(classes),) if classes else ()
