"""Real images to learn from."""

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from pipeline.data.sets import FACTS
from pipeline.graph.node import Category, Node, Param, Port
from pipeline.nodes.building import Building
from pipeline.nodes.ports import ImagesPort

if TYPE_CHECKING:
    from pipeline.training.parts import RealImages


class ImageData(Node):
    """Real images to learn from, split once and for all into training and held-out ones.

    `mnist-5k` (5,000 handwritten digits), `digits` (1,797 tiny ones) and `petals` (4,400 crops of one photograph) need
    no download.
    """

    title: ClassVar[str] = "Image data"
    category: ClassVar[Category] = "real"
    outputs: ClassVar[tuple[type[Port], ...]] = (ImagesPort,)

    dataset: Annotated[
        Literal["mnist-5k", "mnist", "fashion-mnist", "kmnist", "cifar-10", "bloodmnist", "petals", "digits"],
        Field(
            description="Which images. mnist-5k, petals and digits come with packages; the others are downloaded when "
            "first used, unless their files lie in GENSCOPE_HOME/downloads already."
        ),
        Param(key=True, label="Data set"),
    ] = "mnist-5k"
    image_size: Annotated[
        int,
        Field(ge=0, le=256, description="Pixels a side that images are resized to; 0 keeps the size they come in."),
        Param(step=4),
    ] = 0

    def infer(self) -> ImagesPort:
        facts = FACTS[self.dataset]
        size = self.image_size or facts.size
        shape = (facts.channels, size, size)
        return ImagesPort(shape, facts.classes, facts.train, facts.held_out, facts.class_names)

    def build(self, building: Building) -> "RealImages":
        from pipeline.data.sources import load
        from pipeline.training.parts import RealImages

        train, held_out = load(self.dataset, self.image_size, building.device, building.home, building.progress)
        return RealImages(building.node_id, train, held_out, FACTS[self.dataset].classes)
