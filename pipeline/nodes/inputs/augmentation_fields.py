"""Strengths of augmentations, as parameters shared by all nodes that augment images. 0 turns an operation off."""

from typing import Annotated

from pydantic import Field

from pipeline.graph.node import Param

ProbabilityField = Annotated[
    float,
    Field(ge=0, le=1, description="Probability of applying each augmentation to an image, drawn separately for each."),
    Param(live=True, step=0.1),
]
HorizontalFlipField = Annotated[
    float,
    Field(ge=0, le=1, description="Share of images flipped left to right; 0.5 suits most photographs."),
    Param(live=True, step=0.1),
]
VerticalFlipField = Annotated[
    float,
    Field(ge=0, le=1, description="Share of images flipped upside down; suits textures and microscopy."),
    Param(live=True, step=0.1),
]
RotateField = Annotated[
    float,
    Field(ge=0, le=180, description="Largest rotation in degrees, in either direction."),
    Param(live=True, key=True, step=5),
]
ScaleField = Annotated[
    float,
    Field(ge=0, le=1, description="Largest change of size: 0.1 enlarges or shrinks by up to a tenth."),
    Param(live=True, key=True, step=0.05),
]
TranslateField = Annotated[
    float,
    Field(
        ge=0,
        le=0.5,
        description="Largest shift as a share of the side; the gap is filled by mirroring the edge.",
    ),
    Param(live=True, key=True, step=0.05),
]
CropField = Annotated[
    float,
    Field(
        ge=0, le=0.9, description="Largest share of the side that is cropped; the rest is enlarged to the full image."
    ),
    Param(live=True, step=0.05),
]
BrightnessField = Annotated[
    float,
    Field(ge=0, le=1, description="Largest change of brightness: 0.2 is a factor from 0.8 to 1.2."),
    Param(live=True, step=0.05),
]
ContrastField = Annotated[
    float,
    Field(
        ge=0,
        le=1,
        description="Largest change of contrast around an image's mean grey: 0.2 is a factor from 0.8 to 1.2.",
    ),
    Param(live=True, step=0.05),
]
SaturationField = Annotated[
    float,
    Field(
        ge=0,
        le=1,
        description="Largest change of saturation: 0.2 is a factor from 0.8 to 1.2. No effect on grey images.",
    ),
    Param(live=True, step=0.05),
]
CutoutField = Annotated[
    float,
    Field(
        ge=0, le=1, description="Side of a grey square at a random place in the image, as a share of the image side."
    ),
    Param(live=True, step=0.05),
]
NoiseField = Annotated[
    float,
    Field(ge=0, le=1, description="Largest standard deviation of Gaussian noise; black to white is 2."),
    Param(live=True, step=0.01),
]
