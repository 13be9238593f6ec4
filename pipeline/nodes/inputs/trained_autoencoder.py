"""The node of a trained autoencoder: images as the encoder of a stored run encodes them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from pipeline.graph.node import Category, Link, Misfit, Node, Param, Port, Remarks
from pipeline.nodes.build_parts import build_parts
from pipeline.nodes.building import Building
from pipeline.nodes.ports import ImagesPort, LatentsPort, size_words
from pipeline.nodes.stored_autoencoder import StoredAutoencoder, find, runs, state_of
from pipeline.runs.home import home_path

if TYPE_CHECKING:
    from pipeline.families.diffusion.latents import LatentsPart as BuiltLatents
    from pipeline.training.parts import RealImages


class TrainedAutoencoder(Node):
    """The images as latents, encoded by an autoencoder that another run has trained. It is not trained further.

    One autoencoder can so serve many runs of a denoiser, as in Stable Diffusion. Both networks are loaded with their
    averaged weights if the run has them. A copy is kept in GENSCOPE_HOME/autoencoders when it is first used, so that
    the other run can be deleted.
    """

    title: ClassVar[str] = "Trained autoencoder"
    category: ClassVar[Category] = "noise"
    outputs: ClassVar[tuple[type[Port], ...]] = (LatentsPort,)

    images: Annotated[
        Link,
        ImagesPort,
        Field(description="The images to encode, of the size and channels that the autoencoder was trained on."),
    ]
    run: Annotated[
        str,
        Field(max_length=60, description="Id of a run that has trained an autoencoder with spatial codes."),
        Param(key=True),
    ] = ""
    step: Annotated[
        int,
        Field(ge=0, le=1_000_000_000, description="Step of the run's checkpoint; 0 for the newest."),
        Param(key=True, label="Checkpoint"),
    ] = 0

    def infer(self, images: ImagesPort) -> LatentsPort:
        found = self._found()
        encoder = found.port.encoder
        if encoder.code_shape is None:
            raise Misfit(
                f"The autoencoder of run {self.run} makes vectors, but latents are small images; choose a run with a "
                "spatial encoder and decoder.",
                field="run",
            )
        if images.shape != encoder.image_shape:
            resized = images.shape[0] == encoder.image_shape[0]
            raise Misfit(
                f"The autoencoder of run {self.run} was trained on images of {size_words(encoder.image_shape)}, but "
                f"these are {size_words(images.shape)}; choose images of that size, or another run.",
                details=f"{size_words(images.shape)} mismatch {size_words(encoder.image_shape)}",
                wire="images",
                field="image_size" if resized else None,
                value=encoder.image_shape[1] if resized else None,
            )
        if images.values != encoder.images.values:
            raise Misfit(
                f"The autoencoder of run {self.run} was trained on values of {encoder.images.values}, but these images "
                f"have {images.values}; set their value range to {encoder.images.values}.",
                wire="images",
                field="value_range",
                value=encoder.images.values,
            )
        return LatentsPort(
            encoder.code_shape,
            images.classes,
            images.count,
            images.held_out,
            images.class_names,
            autoencoder=replace(found.port, encoder=replace(encoder, images=images)),
            trained=True,
        )

    @classmethod
    def offers(cls, parameter: str) -> Mapping[str, str]:
        return runs(home_path()) if parameter == "run" else {}

    def outside(self) -> str:
        return state_of(self.run, home_path())

    def remarks(self) -> Remarks:
        found = self._found()
        shape = found.port.encoder.code_shape
        if shape is None:
            return Remarks()
        return Remarks(
            f"The autoencoder of run {found.run}, step {found.step:,}, makes latents of {size_words(shape)}."
        )

    def build(self, building: Building, images: "RealImages") -> "BuiltLatents":
        from pipeline.families.autoencoder.family import DECODER, ENCODER
        from pipeline.families.diffusion.latents import LatentsPart as BuiltLatents
        from pipeline.training.checkpoint import load_network

        found = self._found(building)
        port = next(port for port in building.ports if isinstance(port, LatentsPort))
        bare = Building(found.objective, building.seed, building.device, building.home)
        part = build_parts(found.report, [found.objective], bare, images=False)[found.objective]
        if building.device != "meta":
            for role, network in ((ENCODER, part.encoder.network), (DECODER, part.decoder.network)):
                load_network(found.weights, role, "ema", network)
            found.keep(building.home)
        own = replace(part.encoder, node=building.node_id, images=images)
        autoencoder = replace(part, encoder=own, decoder=replace(part.decoder, node=building.node_id))
        return BuiltLatents(building.node_id, images, autoencoder, port.shape, building.home, trained=True)

    def _found(self, building: Building | None = None) -> StoredAutoencoder:
        return find(self.run, self.step, building.home if building else home_path())
