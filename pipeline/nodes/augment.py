"""Augmentation of real images: more images than there are, by small changes at random."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from pipeline.graph.node import Category, Link, Node, Port
from pipeline.nodes import strengths
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
    probability: strengths.Probability = 1.0
    horizontal_flip: strengths.HorizontalFlip = 0.0
    vertical_flip: strengths.VerticalFlip = 0.0
    rotate: strengths.Rotate = 10.0
    scale: strengths.Scale = 0.1
    translate: strengths.Translate = 0.08
    crop: strengths.Crop = 0.0
    brightness: strengths.Brightness = 0.0
    contrast: strengths.Contrast = 0.0
    saturation: strengths.Saturation = 0.0
    cutout: strengths.Cutout = 0.0
    noise: strengths.Noise = 0.0

    def infer(self, images: Images) -> Images:
        return images

    def build(self, building: Building, images: "RealImages") -> "RealImages":
        from pipeline.augmentation.live import LiveAugmentation

        return replace(images, augment=LiveAugmentation(building.node_id, images.augment))
