"""Augmentation of real images: more images than there are, by small changes at random."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from pipeline.graph.node import Category, Link, Node, Port
from pipeline.nodes.building import Building
from pipeline.nodes.inputs import augmentation_fields
from pipeline.nodes.ports import ImagesPort

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
    outputs: ClassVar[tuple[type[Port], ...]] = (ImagesPort,)

    images: Annotated[Link, ImagesPort, Field(description="The real images to change.")]
    probability: augmentation_fields.ProbabilityField = 1.0
    horizontal_flip: augmentation_fields.HorizontalFlipField = 0.0
    vertical_flip: augmentation_fields.VerticalFlipField = 0.0
    rotate: augmentation_fields.RotateField = 10.0
    scale: augmentation_fields.ScaleField = 0.1
    translate: augmentation_fields.TranslateField = 0.08
    crop: augmentation_fields.CropField = 0.0
    brightness: augmentation_fields.BrightnessField = 0.0
    contrast: augmentation_fields.ContrastField = 0.0
    saturation: augmentation_fields.SaturationField = 0.0
    cutout: augmentation_fields.CutoutField = 0.0
    noise: augmentation_fields.NoiseField = 0.0

    def infer(self, images: ImagesPort) -> ImagesPort:
        return images

    def build(self, building: Building, images: "RealImages") -> "RealImages":
        from pipeline.augmentation.live import LiveAugmentation

        return replace(images, augment=LiveAugmentation(building.node_id, images.augment))
