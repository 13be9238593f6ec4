"""Answers of the engines. Each command type has one answer type; any command may also be answered with `Refused`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import ConfigDict

from pipeline.errors.base import GenscopeError
from pipeline.runtime.messages.answer import Answer
from pipeline.runtime.messages.blob import STRICT, Blob
from pipeline.runtime.messages.image_answers import FailedImages, JudgedImages, MemorisedImages
from pipeline.runtime.messages.snapshot import StageSnapshot


@dataclass(frozen=True, kw_only=True)
class Refused(Answer):
    """The command was not carried out, or failed."""

    kind: Literal["refused"] = "refused"
    error: str
    """Name of the exception's class."""
    sentence: str
    """The exception's message, for the user."""
    exit_code: int
    """Exit code for the command line: 2 if nothing was changed, 1 if something failed."""

    @classmethod
    def by(cls, error: GenscopeError, number: int = 0) -> "Refused":
        """The answer for this exception. number: of the command."""
        return cls(number=number, error=type(error).__name__, sentence=str(error), exit_code=error.exit_code)


@dataclass(frozen=True, kw_only=True)
class Done(Answer):
    """The command was carried out."""

    kind: Literal["done"] = "done"
    run: str = ""
    """Id of the run that the training engine has afterwards, "" if none; "" from the drawing engine."""
    step: int = 0
    """Step of that run."""


@dataclass(frozen=True)
class Picture:
    """A labelled picture: an image, its saliency map, the activations of a layer, or a moment of a path."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    label: str
    """What it shows, in words."""
    png: Blob


@dataclass(frozen=True, kw_only=True)
class InsideView(Answer):
    """Saliency and activations for one image."""

    kind: Literal["inside_view"] = "inside_view"
    step: int
    """Steps trained when the pictures were made."""
    pictures: tuple[Picture, ...]


@dataclass(frozen=True)
class Reconstruction:
    """An image encoded and decoded."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    png: Blob
    """The image, below it its reconstruction, below that their difference."""
    error: float
    """Root mean square difference of the pixel values, which are in [-1, 1]."""


@dataclass(frozen=True)
class CodesPlane:
    """Codes in two dimensions."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    points: tuple[tuple[float, float], ...]
    units: tuple[int, ...]
    """The two latent dimensions, from 1; () for principal components."""
    shares: tuple[float, float]
    """Share of the codes' variance along each axis, 0 to 1."""


@dataclass(frozen=True, kw_only=True)
class CodesView(Answer):
    """Reconstructions, and codes of held-out images."""

    kind: Literal["codes_view"] = "codes_view"
    step: int
    """Steps trained when it was made."""
    groups: Mapping[str, tuple[Reconstruction, ...]]
    """"held-out" and "real" (training) images."""
    labels: tuple[int, ...]
    """Class of each point of the planes."""
    planes: Mapping[str, CodesPlane]
    """"variance": the two latent dimensions that vary most; "components": the principal components."""


@dataclass(frozen=True, kw_only=True)
class StageView(Answer):
    """What a done stage of the current step made."""

    kind: Literal["stage_view"] = "stage_view"
    stage: StageSnapshot
    images: tuple[Blob, ...]
    """PNGs of its images."""


@dataclass(frozen=True, kw_only=True)
class Drawn(Answer):
    """A grid of images drawn with the weights of a checkpoint."""

    kind: Literal["drawn"] = "drawn"
    run: str
    step: int
    """Step of the checkpoint."""
    png: Blob
    """The grid, with the run's workflow as metadata."""


@dataclass(frozen=True, kw_only=True)
class DrawnPath(Answer):
    """The way from noise to images."""

    kind: Literal["drawn_path"] = "drawn_path"
    run: str
    step: int
    """Step of the checkpoint."""
    moments: tuple[Picture, ...]
    """All images at one moment, one under the other; the last are finished. With the run's workflow as metadata."""


@dataclass(frozen=True)
class NeighbourImage:
    """A real training image."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    png: Blob
    """The image, pixel for pixel."""
    distance: float
    """From the sample: root mean square difference of pixel values, which are in [-1, 1]. 0 for a copy, at most 2."""


@dataclass(frozen=True, kw_only=True)
class NearestImages(Answer):
    """The training images nearest to a sample."""

    kind: Literal["nearest_images"] = "nearest_images"
    found: tuple[NeighbourImage, ...]
    """Sorted by distance, nearest first."""
    usual: float | None
    """Median of the same distance for held-out images; None without any."""


@dataclass(frozen=True, kw_only=True)
class ReadingResult(Answer):
    """The summary of a data set, once it has been read."""

    kind: Literal["reading_result"] = "reading_result"
    key: str
    """Identifies the reading in snapshots and in `StopReading`."""
    summary: str | None
    """JSON for `data.summary.Summary.from_json`; None while the set is being read, or if no reading was requested."""


@dataclass(frozen=True)
class StripImage:
    """An image of a data set."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    name: str
    """Its file name, or its place in the set."""
    class_name: str
    """"" without classes."""
    size: tuple[int, int]
    """(height, width) in pixels, before the set is prepared."""
    reason: str
    """Why it cannot be read; "" if it can."""
    png: Blob
    """The original, prepared and augmented image, side by side; b"" if it cannot be read."""


@dataclass(frozen=True, kw_only=True)
class StripPage(Answer):
    """Some images of a data set."""

    kind: Literal["strip_page"] = "strip_page"
    strips: tuple[StripImage, ...]
    """() beyond the last page."""


@dataclass(frozen=True, kw_only=True)
class NetworkLayers(Answer):
    """The layers of a network."""

    kind: Literal["network_layers"] = "network_layers"
    table: str
    """JSON for `models.layers.from_json`."""


@dataclass(frozen=True, kw_only=True)
class FittedWeights(Answer):
    """Which tensors of a file fit which network."""

    kind: Literal["fitted_weights"] = "fitted_weights"
    sentence: str
    """How many fit, and what stays as it is initialised."""
    table: tuple[str, ...]
    """Lines that list everything, network by network."""


AnyAnswer = (
    Refused | Done | InsideView | CodesView | StageView | Drawn | DrawnPath | NearestImages | ReadingResult | StripPage
    | NetworkLayers | FittedWeights | JudgedImages | MemorisedImages | FailedImages
)  # fmt: skip
