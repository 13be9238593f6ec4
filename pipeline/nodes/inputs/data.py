"""The node of built-in image data sets."""

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from pipeline.data.findings import Findings
from pipeline.data.fitting import LARGEST_SIZE
from pipeline.data.sets import FACTS
from pipeline.data.value_range import SIGNED
from pipeline.graph.node import Category, Node, Param, Port, Remarks
from pipeline.nodes.building import Building
from pipeline.nodes.inputs.value_range_field import ValueRangeField
from pipeline.nodes.ports import ImagesPort

if TYPE_CHECKING:
    from pipeline.training.parts import RealImages


class ImageData(Node):
    """A built-in data set of real images, with a fixed split into training and held-out images.

    `mnist-5k` (5,000 handwritten digits), `digits` (1,797 tiny ones) and `petals` (4,400 crops of one photograph) need
    no download. For your own images use Image files.
    """

    title: ClassVar[str] = "Image data"
    category: ClassVar[Category] = "real"
    outputs: ClassVar[tuple[type[Port], ...]] = (ImagesPort,)

    dataset: Annotated[
        Literal["mnist-5k", "mnist", "fashion-mnist", "kmnist", "cifar-10", "bloodmnist", "petals", "digits"],
        Field(
            description="mnist-5k, petals and digits come with installed packages; the others are downloaded on first "
            "use, unless their files are already in GENSCOPE_HOME/downloads."
        ),
        Param(key=True, label="Data set"),
    ] = "mnist-5k"
    image_size: Annotated[
        int,
        Field(
            ge=0, le=LARGEST_SIZE, description="Side in pixels that images are resized to; 0 keeps their original size."
        ),
        Param(step=4),
    ] = 0
    value_range: ValueRangeField = SIGNED

    def infer(self) -> ImagesPort:
        facts = FACTS[self.dataset]
        size = self.image_size or facts.size
        shape = (facts.channels, size, size)
        return ImagesPort(shape, facts.classes, facts.train, facts.held_out, facts.class_names, values=self.value_range)

    def remarks(self) -> Remarks:
        facts = FACTS[self.dataset]
        return Remarks(Findings(facts.train, facts.held_out, facts.classes).line)

    def build(self, building: Building) -> "RealImages":
        from pipeline.data.sources import load
        from pipeline.training.parts import RealImages

        train, held_out = load(self.dataset, self.image_size, building.device, building.home, building.progress)
        return RealImages(building.node_id, train, held_out, FACTS[self.dataset].classes)
