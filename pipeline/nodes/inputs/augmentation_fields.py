"""The strengths of an augmentation as parameters of a node, wherever images are augmented. 0 leaves each out."""

from typing import Annotated

from pydantic import Field

from pipeline.graph.node import Param

ProbabilityField = Annotated[
    float,
    Field(ge=0, le=1, description="The chance that a change is made to an image, for each kind of change."),
    Param(live=True, step=0.1),
]
HorizontalFlipField = Annotated[
    float,
    Field(ge=0, le=1, description="Share of images mirrored left to right; 0.5 suits most photographs."),
    Param(live=True, step=0.1),
]
VerticalFlipField = Annotated[
    float,
    Field(ge=0, le=1, description="Share of images turned upside down, as suits textures and microscopy."),
    Param(live=True, step=0.1),
]
RotateField = Annotated[
    float,
    Field(ge=0, le=180, description="Degrees that an image is turned by at most, to either side."),
    Param(live=True, key=True, step=5),
]
ScaleField = Annotated[
    float,
    Field(ge=0, le=1, description="By how much an image grows or shrinks at most: 0.1 is up to a tenth."),
    Param(live=True, key=True, step=0.05),
]
TranslateField = Annotated[
    float,
    Field(
        ge=0,
        le=0.5,
        description="Share of the side that an image is moved by at most; its edge is mirrored into the gap.",
    ),
    Param(live=True, key=True, step=0.05),
]
CropField = Annotated[
    float,
    Field(ge=0, le=0.9, description="Share of the side that is cut off at most; the rest fills the image."),
    Param(live=True, step=0.05),
]
BrightnessField = Annotated[
    float,
    Field(ge=0, le=1, description="How much darker or brighter at most: 0.2 is a factor from 0.8 to 1.2."),
    Param(live=True, step=0.05),
]
ContrastField = Annotated[
    float,
    Field(ge=0, le=1, description="How much flatter or starker at most, about an image's mean grey."),
    Param(live=True, step=0.05),
]
SaturationField = Annotated[
    float,
    Field(ge=0, le=1, description="How much greyer or more colourful at most; grey images have no saturation."),
    Param(live=True, step=0.05),
]
CutoutField = Annotated[
    float,
    Field(ge=0, le=1, description="Share of the side that a grey square takes, somewhere in the image."),
    Param(live=True, step=0.05),
]
NoiseField = Annotated[
    float,
    Field(ge=0, le=1, description="The largest standard deviation of Gaussian noise; black to white is 2."),
    Param(live=True, step=0.01),
]
