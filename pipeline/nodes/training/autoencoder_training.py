"""The training node of autoencoders."""

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from pipeline.families.autoencoder import family as autoencoder
from pipeline.families.autoencoder.family import AUTOENCODER
from pipeline.families.family import Family
from pipeline.graph.node import Link, Port
from pipeline.nodes.building import Building
from pipeline.nodes.ports import CodingObjectivePort, OptimizerPort, TrainingPort
from pipeline.nodes.training.optimizers import require_network, scheduled
from pipeline.nodes.training.training_node import TrainingNode

if TYPE_CHECKING:
    from pipeline.families.autoencoder.coding import AutoencoderPart
    from pipeline.training.experiment import Experiment
    from pipeline.training.optimizer_part import OptimizerPart


class AutoencoderTraining(TrainingNode):
    """Trains the encoder and the decoder together: each step is one update of both."""

    title: ClassVar[str] = "Autoencoder training"
    family: ClassVar[Family] = AUTOENCODER
    outputs: ClassVar[tuple[type[Port], ...]] = (TrainingPort,)

    objective: Annotated[Link, CodingObjectivePort, Field(description="The loss of the encoder and the decoder.")]
    encoder_optimizer: Annotated[Link, OptimizerPort, Field(description="The optimizer of the objective's encoder.")]
    decoder_optimizer: Annotated[Link, OptimizerPort, Field(description="The optimizer of the objective's decoder.")]

    def infer(
        self, objective: CodingObjectivePort, encoder_optimizer: OptimizerPort, decoder_optimizer: OptimizerPort
    ) -> TrainingPort:
        encoder, decoder, has_prior = objective.encoder, objective.decoder, objective.has_prior
        require_network("encoder_optimizer", encoder_optimizer, encoder)
        require_network("decoder_optimizer", decoder_optimizer, decoder)
        rates = (
            *scheduled(encoder_optimizer, autoencoder.ENCODER_RATE),
            *scheduled(decoder_optimizer, autoencoder.DECODER_RATE),
        )
        return self.asked(
            encoder.images,
            decoder,
            (*autoencoder.series_of_step(has_prior), *rates),
            autoencoder.series_of_checkup(has_prior, encoder.images.held_out > 0),
            grid="samples" if has_prior else "reconstructions",
            codes=True,
        )

    def build(
        self,
        building: Building,
        objective: "AutoencoderPart",
        encoder_optimizer: "OptimizerPart",
        decoder_optimizer: "OptimizerPart",
    ) -> "Experiment":
        from pipeline.families.autoencoder.step import autoencoder_experiment

        return autoencoder_experiment(
            building.node_id,
            objective,
            encoder_optimizer,
            decoder_optimizer,
            self.settings(building),
            building.series,
        )
