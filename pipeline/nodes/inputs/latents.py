"""The node of latents: images as an autoencoder of the same workflow encodes them."""

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from pipeline.graph.node import Category, Link, Misfit, Node, Port
from pipeline.nodes.building import Building
from pipeline.nodes.ports import CodingObjectivePort, LatentsPort

if TYPE_CHECKING:
    from pipeline.families.autoencoder.coding import AutoencoderPart
    from pipeline.families.diffusion.latents import LatentsPart as BuiltLatents


class AutoencoderLatents(Node):
    """The images as latents: what the encoder makes of them once it is trained.

    A denoiser learns latents faster than pixels, since they are small and what no one sees is gone. This is latent
    diffusion, the recipe of Stable Diffusion (Rombach et al. 2022).
    """

    title: ClassVar[str] = "Latents"
    category: ClassVar[Category] = "noise"
    outputs: ClassVar[tuple[type[Port], ...]] = (LatentsPort,)

    autoencoder: Annotated[
        Link,
        CodingObjectivePort,
        Field(description="The loss of the encoder and the decoder."),
    ]

    def infer(self, autoencoder: CodingObjectivePort) -> LatentsPort:
        encoder = autoencoder.encoder
        if encoder.code_shape is None:
            raise Misfit(
                "Encoder makes vectors, but latents are small images; replace it by a spatial encoder, and the decoder "
                "by a spatial decoder.",
                wire="autoencoder",
                field="encoder",
            )
        images = encoder.images
        return LatentsPort(
            encoder.code_shape,
            images.classes,
            images.count,
            images.held_out,
            images.class_names,
            autoencoder=autoencoder,
        )

    def build(self, building: Building, autoencoder: "AutoencoderPart") -> "BuiltLatents":
        from pipeline.families.diffusion.latents import LatentsPart as BuiltLatents

        port = next(port for port in building.ports if isinstance(port, LatentsPort))
        return BuiltLatents(building.node_id, autoencoder.encoder.images, autoencoder, port.shape, building.home)
