"""The objectives of autoencoders. They join encoder and decoder, so they also check that the two match."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from pipeline.graph.check import Report
from pipeline.graph.findings import CheckWarning
from pipeline.graph.node import Category, Link, Misfit, Node, Param, Port
from pipeline.nodes import mends
from pipeline.nodes.building import Building
from pipeline.nodes.ports import CodingObjectivePort, DecoderPort, EncoderPort, TrainingPort, size_words

if TYPE_CHECKING:
    from pipeline.families.autoencoder.coding import AutoencoderPart, DecoderPart, EncoderPart

EncoderWire = Annotated[Link, EncoderPort, Field(description="The network that turns images into codes.")]
DecoderWire = Annotated[Link, DecoderPort, Field(description="The network that turns codes into images.")]
ReconstructionError = Annotated[
    Literal["mse", "l1", "bce"],
    Field(
        description="Error between a reconstruction and its image, summed over all pixels. mse: half the squared "
        "error. l1: the absolute error. bce: binary cross-entropy of the brightness, best for images that are nearly "
        "black and white."
    ),
    Param(key=True),
]


def coding(encoder: EncoderPort, decoder: DecoderPort, has_prior: bool) -> CodingObjectivePort:
    """The objective of two networks. Raises Misfit if image shapes, the range of values, code dimensions or the kind of
    code differ."""
    made, seen = decoder.image_shape, encoder.image_shape
    if made != seen:
        raise Misfit(
            f"Decoder makes {size_words(made)} images, but the encoder sees {size_words(seen)} ones.",
            details=f"{size_words(made)} mismatch {size_words(seen)}",
            wire="decoder",
            field="image_size" if made[1:] != seen[1:] else "channels",
            value=seen[1] if made[1:] != seen[1:] else seen[0],
        )
    if decoder.latent_dim != encoder.latent_dim:
        raise Misfit(
            f"Decoder takes codes of {decoder.latent_dim:,} dimensions, but the encoder makes codes of "
            f"{encoder.latent_dim:,}; connect both to the same noise.",
            details=f"{decoder.latent_dim} mismatch {encoder.latent_dim}",
            wire="decoder",
            field="latents",
        )
    if encoder.distribution != has_prior:
        wanted, name = ("distribution", "variational autoencoder") if has_prior else ("point", "autoencoder")
        message = f"Encoder of this {name} must have code set to {wanted!r}."
        raise Misfit(message, wire="encoder", field="code", value=wanted)
    decoder.require_range(encoder.images.values, wire="decoder")
    return CodingObjectivePort(encoder, decoder, has_prior)


class AutoencoderObjective(Node):
    """Loss of a plain autoencoder: the reconstruction error alone.

    A code must keep what is needed to reconstruct its image, but nothing controls how codes are distributed, so random
    codes do not decode to plausible images. The sample grid therefore shows held-out images, encoded and decoded. To
    generate new images, use the variational loss.
    """

    title: ClassVar[str] = "Reconstruction loss"
    category: ClassVar[Category] = "objective"
    outputs: ClassVar[tuple[type[Port], ...]] = (CodingObjectivePort,)

    encoder: EncoderWire
    decoder: DecoderWire
    reconstruction: ReconstructionError = "mse"

    def infer(self, encoder: EncoderPort, decoder: DecoderPort) -> CodingObjectivePort:
        return coding(encoder, decoder, has_prior=False)

    def build(self, building: Building, encoder: "EncoderPart", decoder: "DecoderPart") -> "AutoencoderPart":
        from pipeline.families.autoencoder.coding import AutoencoderPart
        from pipeline.objectives.elbo import RECONSTRUCTIONS

        return AutoencoderPart(building.node_id, RECONSTRUCTIONS[self.reconstruction], encoder, decoder)


class VAEObjective(Node):
    """Loss of a variational autoencoder (VAE): reconstruction error plus a KL term that pulls codes towards the noise.

    In nats per image; with beta 1 the loss is the negative evidence lower bound (ELBO). A larger beta gives better
    images from random codes and blurrier reconstructions; if it is far too large, the decoder ignores its codes
    (posterior collapse).
    """

    title: ClassVar[str] = "Variational loss"
    category: ClassVar[Category] = "objective"
    outputs: ClassVar[tuple[type[Port], ...]] = (CodingObjectivePort,)

    encoder: EncoderWire
    decoder: DecoderWire
    reconstruction: ReconstructionError = "bce"
    beta: Annotated[
        float,
        Field(ge=0, le=1000, description="Weight of the KL term; 1 gives the evidence lower bound."),
        Param(live=True, key=True, step=0.1),
    ] = 1.0
    kl_warmup_steps: Annotated[
        int,
        Field(
            ge=0,
            le=1_000_000,
            description="Steps over which the KL weight rises linearly from 0 to beta. Helps "
            "against posterior collapse; 0 uses beta from the start.",
        ),
        Param(step=100, label="KL warm-up steps"),
    ] = 0

    def infer(self, encoder: EncoderPort, decoder: DecoderPort) -> CodingObjectivePort:
        return coding(encoder, decoder, has_prior=True)

    def cautions(self, node_id: str, report: Report) -> Iterator[CheckWarning]:
        if self.beta == 0:
            message = "Beta is 0: nothing pulls codes towards the noise, so that random codes decode to no image."
            yield CheckWarning(node_id, message, mends.default(report, node_id, "beta"))
        for training in (port for ports in report.ports.values() for port in ports if isinstance(port, TrainingPort)):
            if self.kl_warmup_steps > training.total_steps:
                yield CheckWarning(
                    node_id,
                    f"The weight of the KL term rises over {self.kl_warmup_steps:,} steps, but the training has "
                    f"{training.total_steps:,}: it never reaches beta.",
                    mends.setting(report, node_id, "kl_warmup_steps", mends.rounded_down(training.total_steps / 3)),
                )

    def build(self, building: Building, encoder: "EncoderPart", decoder: "DecoderPart") -> "AutoencoderPart":
        from pipeline.families.autoencoder.coding import AutoencoderPart
        from pipeline.objectives.elbo import RECONSTRUCTIONS

        return AutoencoderPart(
            building.node_id,
            RECONSTRUCTIONS[self.reconstruction],
            encoder,
            decoder,
            beta=f"{building.node_id}.beta",
            kl_warmup_steps=self.kl_warmup_steps,
        )
