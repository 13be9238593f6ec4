"""The encoder and decoder nodes of autoencoders whose codes are feature maps, as latent diffusion needs them."""

from math import prod
from typing import Annotated, ClassVar

from pydantic import Field

from pipeline.graph.node import Misfit, Param, Port
from pipeline.models import autoencoder
from pipeline.models.plan import Plan
from pipeline.nodes.networks.autoencoders import BaseChannels, DecoderNode, EncoderNode, require_sides
from pipeline.nodes.ports import DecoderPort, EncoderPort, ImageShape, ImagesPort, NoisePort, size_words

CodeChannels = Annotated[
    int,
    Field(ge=1, le=64, description="Channels of a code, which is a quarter as high and wide as its image."),
    Param(key=True),
]


class SpatialEncoder(EncoderNode):
    """Encoder without a fully connected layer: a code is a small image of several channels.

    It keeps where things are, which a diffusion model needs to learn codes. Its input size is that of the connected
    images.
    """

    title: ClassVar[str] = "Spatial encoder"
    outputs: ClassVar[tuple[type[Port], ...]] = (EncoderPort,)

    code_channels: CodeChannels = 4
    base_channels: BaseChannels = 32

    def plan(self, image_shape: ImageShape, latent_dim: int) -> Plan:
        return autoencoder.spatial_encoder_plan(image_shape, self.code_channels, self.numbers, self.base_channels)

    def infer(self, images: ImagesPort, prior: NoisePort) -> EncoderPort:
        require_sides("encoder", images.shape[-1], wire="images")
        shape = autoencoder.spatial_shape(images.shape, self.code_channels)
        _require_dim(shape, prior, "prior")
        plan = self.plan(images.shape, prior.dim)
        return EncoderPort(plan, images.shape, images, prior.dim, self.code == "distribution", shape)


class SpatialDecoder(DecoderNode):
    """Decoder that mirrors the spatial encoder: doubles the code's height and width twice, then tanh."""

    title: ClassVar[str] = "Spatial decoder"
    outputs: ClassVar[tuple[type[Port], ...]] = (DecoderPort,)

    code_channels: CodeChannels = 4
    base_channels: BaseChannels = 32

    def plan(self, latent_dim: int) -> Plan:
        return autoencoder.spatial_decoder_plan(self.code_channels, self.image_shape, self.base_channels)

    def infer(self, latents: NoisePort) -> DecoderPort:
        require_sides("decoder", self.image_size)
        _require_dim(autoencoder.spatial_shape(self.image_shape, self.code_channels), latents, "latents")
        return super().infer(latents)


def _require_dim(shape: ImageShape, noise: NoisePort, wire: str) -> None:
    """Raises Misfit if the noise has not as many dimensions as a code of this shape has numbers."""
    if noise.dim != prod(shape):
        raise Misfit(
            f"Codes of {size_words(shape)} have {prod(shape):,} numbers, but the noise has {noise.dim:,} dimensions; "
            f"set its dimensions to {prod(shape):,}.",
            details=f"{noise.dim} mismatch {prod(shape)}",
            wire=wire,
            field="dim",
            value=prod(shape),
        )
