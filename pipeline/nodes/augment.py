"""Augmentation of real images: more images than there are, by small changes at random."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from pipeline.graph.node import Category, Link, Node, Param, Port
from pipeline.nodes.building import Building
from pipeline.nodes.ports import Images

if TYPE_CHECKING:
    from pipeline.training.parts import RealImages


class Augment(Node):
    """Changes real images at random as they are drawn, each in its own way; held-out images stay as they are.

    The generator learns to make what it sees, changes included, so keep to those that leave an image a likely one: as
    it comes, the node turns, sizes and moves a little, which leaves digits digits; mirrored digits are none. Two of
    these nodes in a row do the one's changes, then the other's. Shapes stay; a strength of 0 does nothing.
    """

    title: ClassVar[str] = "Augmentation"
    category: ClassVar[Category] = "real"
    outputs: ClassVar[tuple[type[Port], ...]] = (Images,)

    images: Annotated[Link, Images, Field(description="The real images to change.")]
    probability: Annotated[
        float,
        Field(ge=0, le=1, description="The chance that a change is made to an image, for each kind of change."),
        Param(live=True, step=0.1),
    ] = 1.0
    horizontal_flip: Annotated[
        float,
        Field(ge=0, le=1, description="Share of images mirrored left to right; 0.5 suits most photographs."),
        Param(live=True, step=0.1),
    ] = 0.0
    vertical_flip: Annotated[
        float,
        Field(ge=0, le=1, description="Share of images turned upside down, as suits textures and microscopy."),
        Param(live=True, step=0.1),
    ] = 0.0
    rotate: Annotated[
        float,
        Field(ge=0, le=180, description="Degrees that an image is turned by at most, to either side."),
        Param(live=True, key=True, step=5),
    ] = 10.0
    scale: Annotated[
        float,
        Field(ge=0, le=1, description="By how much an image grows or shrinks at most: 0.1 is up to a tenth."),
        Param(live=True, key=True, step=0.05),
    ] = 0.1
    translate: Annotated[
        float,
        Field(ge=0, le=0.5, description="Share of the side that an image is moved by at most, in whole pixels."),
        Param(live=True, key=True, step=0.05),
    ] = 0.08
    crop: Annotated[
        float,
        Field(ge=0, le=0.9, description="Share of the side that is cut off at most; the rest fills the image."),
        Param(live=True, step=0.05),
    ] = 0.0
    brightness: Annotated[
        float,
        Field(ge=0, le=1, description="How much darker or brighter at most: 0.2 is a factor from 0.8 to 1.2."),
        Param(live=True, step=0.05),
    ] = 0.0
    contrast: Annotated[
        float,
        Field(ge=0, le=1, description="How much flatter or starker at most, about an image's mean grey."),
        Param(live=True, step=0.05),
    ] = 0.0
    saturation: Annotated[
        float,
        Field(ge=0, le=1, description="How much greyer or more colourful at most; grey images have no saturation."),
        Param(live=True, step=0.05),
    ] = 0.0
    cutout: Annotated[
        float,
        Field(ge=0, le=1, description="Share of the side that a grey square takes, somewhere in the image."),
        Param(live=True, step=0.05),
    ] = 0.0
    noise: Annotated[
        float,
        Field(ge=0, le=1, description="The largest standard deviation of Gaussian noise; black to white is 2."),
        Param(live=True, step=0.01),
    ] = 0.0

    def infer(self, images: Images) -> Images:
        return images

    def build(self, building: Building, images: "RealImages") -> "RealImages":
        from pipeline.augmentation.live import LiveAugmentation

        return replace(images, augment=LiveAugmentation(building.node_id, images.augment))
