"""Answers of the evaluation engine with images: judged, beside training images, and those that went wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from pydantic import ConfigDict

from pipeline.runtime.messages.answer import Answer, Count
from pipeline.runtime.messages.blob import STRICT, Blob


@dataclass(frozen=True, kw_only=True)
class EvaluatedImages(Answer):
    """Base class of the answers with a page of a list of evaluated images, which may not be known yet."""

    doing: str = ""
    """What is being done until they are known, in words; "" once they are."""
    share: float = 0.0
    """How much of that is done, 0 to 1."""
    total: Count = 0
    """Number of images in the list."""


@dataclass(frozen=True)
class JudgedImage:
    """A held-out or generated image with the verdict of the run's scoring network."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    png: Blob
    """The image, pixel for pixel, as in all evaluated images."""
    generated: bool
    place: Count
    """Its number in its set, from 1."""
    score: float
    """Raw: a logit if scores are probabilities."""
    right: bool


@dataclass(frozen=True, kw_only=True)
class JudgedImages(EvaluatedImages):
    """Verdicts of the run's scoring network."""

    kind: Literal["judged_images"] = "judged_images"
    images: tuple[JudgedImage, ...] = ()
    threshold: float = 0.0
    """The score above which the verdict is "real"."""
    probability: bool = False
    """Whether scores are logits of the probability that an image is real."""
    taken_for_real: Mapping[str, float] = field(default_factory=dict)
    """Share of the images of each kind with the verdict "real": of "training", "held-out" and "generated" images."""


@dataclass(frozen=True)
class MemorisedImage:
    """A generated image beside its nearest training image."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    png: Blob
    place: Count
    """Its number in the grid of its seed, from 1."""
    nearest: Blob
    """The training image."""
    distance: float
    """Between their features."""
    pixels: float
    """Between their pixels: root mean square difference of values in [-1, 1]."""
    authentic: bool
    """Whether it is no copy, as AuthPct counts it."""


@dataclass(frozen=True, kw_only=True)
class MemorisedImages(EvaluatedImages):
    """Generated images beside their nearest training images, the closest pair first."""

    kind: Literal["memorised_images"] = "memorised_images"
    images: tuple[MemorisedImage, ...] = ()
    generated: Count = 0
    """Number of all generated images that were compared."""
    authentic: Count = 0
    """How many of them are authentic."""
    held_out: Count = 0
    authentic_held_out: Count = 0
    usual: tuple[float, float] = (0.0, 0.0)
    """Distances of held-out images from their nearest training images: median, and the quantile of 5 %."""
    usual_pixels: tuple[float, float] | None = None
    """The same between pixels; None if those of held-out images are not kept."""


@dataclass(frozen=True)
class FailedImage:
    """A generated image: how typical it is, and what it seems to show."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    png: Blob
    place: Count
    """Its number in the grid of its seed, from 1."""
    distance: float
    """From the third nearest held-out image, between features."""
    likeliest: str
    """Its likeliest class; "" without classes."""
    certainty: float
    """Probability of that class; 0 without classes."""


@dataclass(frozen=True, kw_only=True)
class FailedImages(EvaluatedImages):
    """Generated images that no class claims, or the least or most typical ones."""

    kind: Literal["failed_images"] = "failed_images"
    images: tuple[FailedImage, ...] = ()
    usual: float = 0.0
    """Median of the same distance for held-out images."""
    unclaimed: float | None = None
    """Share of all generated images that no class claims; None without classes."""
    unclaimed_held_out: float | None = None
