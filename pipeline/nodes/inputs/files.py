"""Real images of one's own: a folder, a zip, or a file of arrays."""

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from pipeline.data.files.survey import Survey, survey
from pipeline.data.fitting import ChannelMode, Fit, Preparation
from pipeline.errors.data import UnusableSource
from pipeline.graph.node import Category, Misfit, Node, Param, Port
from pipeline.nodes.building import Building
from pipeline.nodes.ports import ImagesPort
from pipeline.runs.home import home_path

if TYPE_CHECKING:
    from pipeline.training.parts import RealImages


class ImageFiles(Node):
    """Images of your own: a folder of pictures (those of each class in a folder of their own, or all in one), a zip of
    such a folder, an `.npz` such as MedMNIST's, an IDX file, or CIFAR-10's python batches.

    Pictures of any size and kind are taken; one that is broken is left out and listed on the Data page. What was read
    once is kept until the files change.
    """

    title: ClassVar[str] = "Image files"
    category: ClassVar[Category] = "real"
    outputs: ClassVar[tuple[type[Port], ...]] = (ImagesPort,)

    source: Annotated[
        str,
        Field(
            max_length=1000,
            description="A path. A relative one is looked for in the working directory, then in GENSCOPE_HOME/uploads: "
            "images are uploaded, and looked at, on the Data page.",
        ),
        Param(key=True),
    ] = ""
    image_size: Annotated[
        int, Field(ge=4, le=256, description="Pixels a side that every image is made to have."), Param(key=True, step=4)
    ] = 32
    fit: Annotated[
        Fit,
        Field(
            description="How images that are no squares become squares: crop keeps the middle, pad puts black beside "
            "it, stretch changes the proportions."
        ),
    ] = "crop"
    channels: Annotated[
        ChannelMode,
        Field(description="as they come: all become grey where most of them are grey, else all have colour."),
    ] = "as they come"
    held_out: Annotated[
        float,
        Field(
            ge=0,
            le=0.5,
            description="Share of the images, of every class alike, that training never sees. Where the source has "
            "held-out images of its own (folders train and test, MedMNIST's val and test), those are taken instead.",
        ),
        Param(step=0.05),
    ] = 0.1

    def infer(self) -> ImagesPort:
        found = self._survey()
        train, held_out = found.split(self.held_out)
        shape = found.shape(self._preparation)
        return ImagesPort(shape, len(found.class_names), train, held_out, found.class_names, self.fit)

    def build(self, building: Building) -> "RealImages":
        from pipeline.data.sources import load_files
        from pipeline.training.parts import RealImages

        train, held_out = load_files(
            self.source, self._preparation, self.held_out, building.device, building.home, building.progress
        )
        return RealImages(building.node_id, train, held_out, len(self._survey().class_names), fit=self.fit)

    @property
    def _preparation(self) -> Preparation:
        return Preparation(self.image_size, self.fit, self.channels)

    def _survey(self) -> Survey:
        try:
            return survey(self.source, home_path())
        except UnusableSource as error:
            raise Misfit(str(error), field="source") from error
