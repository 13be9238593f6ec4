"""The augmentation node: random changes to real images as they are drawn."""

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
    """Augments real training images at random as they are drawn; held-out images are left unchanged.

    The generator learns to reproduce the augmented images, so use only changes after which an image is still plausible.
    The defaults rotate, scale and shift a little, which suits digits; flips do not. To augment without teaching the
    generator the changes, use DiffAugment instead. Augmentation nodes can be chained. Image size and channels do not
    change; a strength of 0 turns its operation off.
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
