"""What encoder and decoder are trained for. Here the two meet, so here their shapes are compared."""

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from pipeline.graph.node import Category, Link, Misfit, Node, Param, Port
from pipeline.nodes.building import Building
from pipeline.nodes.ports import CodingObjectivePort, DecoderPort, EncoderPort, size_words

if TYPE_CHECKING:
    from pipeline.families.autoencoder.coding import AutoencoderPart, DecoderPart, EncoderPart

EncoderWire = Annotated[Link, EncoderPort, Field(description="The network that makes codes of images.")]
DecoderWire = Annotated[Link, DecoderPort, Field(description="The network that makes images of codes.")]
ReconstructionError = Annotated[
    Literal["mse", "l1", "bce"],
    Field(
        description="How a reconstruction is compared with its image, added up over all pixels. mse: half the squared "
        "error; l1: the absolute error; bce: cross-entropy of the brightness, for images that are nearly black and "
        "white."
    ),
    Param(key=True),
]


def coding(encoder: EncoderPort, decoder: DecoderPort, has_prior: bool) -> CodingObjectivePort:
    """The objective of two networks. Raises Misfit where their images, their codes or what a code is do not fit."""
    made, seen = decoder.image_shape, encoder.image_shape
    if made != seen:
        raise Misfit(
            f"Decoder makes {size_words(made)} images, but the encoder sees {size_words(seen)} ones.",
            details=f"{size_words(made)} mismatch {size_words(seen)}",
            wire="decoder",
            field="image_size" if made[1:] != seen[1:] else "channels",
        )
    if decoder.latent_dim != encoder.latent_dim:
        raise Misfit(
            f"Decoder takes codes of {decoder.latent_dim:,} dimensions, but the encoder makes them of "
            f"{encoder.latent_dim:,}; wire both to the same noise.",
            details=f"{decoder.latent_dim} mismatch {encoder.latent_dim}",
            wire="decoder",
            field="latents",
        )
    if encoder.distribution != has_prior:
        wanted, name = ("distribution", "variational autoencoder") if has_prior else ("point", "autoencoder")
        raise Misfit(f"Encoder of this {name} must have the code {wanted!r}.", wire="encoder", field="code")
    return CodingObjectivePort(encoder, decoder, has_prior)


class AutoencoderObjective(Node):
    """The reconstruction error alone: a code has to keep what is needed to make its image again.

    Codes lie wherever training puts them, so what is decoded from random numbers is no image that was learnt; its
    sample grid therefore shows held-out images, encoded and decoded.
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
    """The variational autoencoder: reconstruction error, and a KL term that draws codes towards the noise.

    In nats per image, so that with beta 1 the loss is the negative evidence lower bound. More beta gives better images
    from random numbers and blurrier reconstructions; far too much, and the decoder ignores its codes.
    """

    title: ClassVar[str] = "Variational loss"
    category: ClassVar[Category] = "objective"
    outputs: ClassVar[tuple[type[Port], ...]] = (CodingObjectivePort,)

    encoder: EncoderWire
    decoder: DecoderWire
    reconstruction: ReconstructionError = "bce"
    beta: Annotated[
        float,
        Field(ge=0, le=1000, description="How much the KL term counts; 1 is the evidence lower bound."),
        Param(live=True, key=True, step=0.1),
    ] = 1.0
    kl_warmup_steps: Annotated[
        int,
        Field(ge=0, le=1_000_000, description="Steps in which the weight of the KL term rises from 0 to beta."),
        Param(step=100, label="KL warm-up steps"),
    ] = 0

    def infer(self, encoder: EncoderPort, decoder: DecoderPort) -> CodingObjectivePort:
        return coding(encoder, decoder, has_prior=True)

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
