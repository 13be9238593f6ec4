"""The training node of diffusion models."""

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from pipeline.families.diffusion import family as diffusion
from pipeline.families.diffusion.family import DIFFUSION
from pipeline.families.family import Family
from pipeline.graph.node import Link, Misfit, Port
from pipeline.nodes.building import Building
from pipeline.nodes.ports import DenoisingObjectivePort, OptimizerPort, SamplingPort, TrainingPort
from pipeline.nodes.training.optimizers import require_network, scheduled
from pipeline.nodes.training.training_node import TrainingNode
from pipeline.training.condition import Classes

if TYPE_CHECKING:
    from pipeline.families.diffusion.parts import DenoisingPart, SamplingPart
    from pipeline.training.experiment import Experiment
    from pipeline.training.optimizer_part import OptimizerPart


class DiffusionTraining(TrainingNode):
    """Trains a denoiser: each step is one update, on images noised to random times."""

    title: ClassVar[str] = "Diffusion training"
    family: ClassVar[Family] = DIFFUSION
    outputs: ClassVar[tuple[type[Port], ...]] = (TrainingPort,)

    objective: Annotated[Link, DenoisingObjectivePort, Field(description="The loss of the denoiser.")]
    optimizer: Annotated[Link, OptimizerPort, Field(description="The optimizer of the objective's denoiser.")]
    sampling: Annotated[Link, SamplingPort, Field(description="How the images of the sample grid are made.")]

    def infer(
        self, objective: DenoisingObjectivePort, optimizer: OptimizerPort, sampling: SamplingPort
    ) -> TrainingPort:
        denoiser, images = objective.denoiser, objective.denoiser.images
        require_network("optimizer", optimizer, denoiser)
        most = objective.most_steps
        if most is not None and sampling.steps > most:
            raise Misfit(
                f"Sampling takes {sampling.steps:,} steps, but the objective has only {most:,} times; set steps to "
                f"{most:,} or fewer.",
                wire="sampling",
                field="steps",
                value=most,
            )
        classes = images.class_names[: denoiser.classes] or tuple(map(str, range(denoiser.classes)))
        return self.asked(
            images,
            denoiser,
            (diffusion.WHOLE_LOSS, diffusion.GRADIENT, *scheduled(optimizer, diffusion.RATE)),
            diffusion.BANDS if images.held_out else (),
            conditions=(Classes(classes),) if classes else (),
        )

    def build(
        self, building: Building, objective: "DenoisingPart", optimizer: "OptimizerPart", sampling: "SamplingPart"
    ) -> "Experiment":
        from pipeline.families.diffusion.step import denoising_experiment

        return denoising_experiment(
            building.node_id, objective, optimizer, sampling, self.settings(building), building.series
        )
