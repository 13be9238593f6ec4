"""Commands for the drawing engine: images from checkpoints, data sets, the layers of networks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from pydantic import ConfigDict

from pipeline.runtime.messages.answers import (
    Done,
    Drawn,
    DrawnPath,
    FittedWeights,
    NearestImages,
    NetworkLayers,
    ReadingResult,
    StripPage,
)
from pipeline.runtime.messages.blob import STRICT
from pipeline.runtime.messages.commands import AnswerT, Command, Finite

Weights = Literal["ema", "raw"]
"""Averaged (EMA) weights, or the raw weights that are trained."""
Fit = Literal["crop", "pad", "stretch"]
"""How an image of any size becomes a square (`data.fitting`)."""
Settings = Mapping[str, int | Finite | str]
"""Values of the sampler's options by name, in place of the run's own."""
Channels = Literal["as they come", "grey", "colour"]
Rules = Literal["0.3", "0.4"]
"""The version whose rules of reading files hold (`data.fitting`)."""
Shades = Literal[
    "as stored", "full", "largest value", "percentiles", "8 bits", "10 bits", "12 bits", "14 bits", "16 bits"
]
"""Which stored values become black and white (`data.files.shades`)."""


@dataclass(frozen=True, kw_only=True)
class FromCheckpoint(Command[AnswerT]):
    """Base class of the commands that draw with a checkpoint of `run`. The same command gives the same bytes."""

    step: int | None = None
    """Step of the checkpoint; None for the newest."""
    seed: int
    """Seed of the noise, from 0."""
    weights: Weights = "ema"
    label: int | None = None
    """The class to draw, of a conditional network; None for each class in turn."""
    settings: Settings = field(default_factory=dict)
    device: str = "auto"
    """auto, cpu, cuda, cuda:1, mps."""


@dataclass(frozen=True, kw_only=True)
class Draw(FromCheckpoint[Drawn]):
    """Draw images."""

    kind: Literal["draw"] = "draw"
    count: int
    """How many images, from 1."""


@dataclass(frozen=True, kw_only=True)
class DrawPath(FromCheckpoint[DrawnPath]):
    """Draw the way from noise to images 1 to `rows` of a seed."""

    kind: Literal["draw_path"] = "draw_path"
    rows: int
    columns: int
    """How many moments, from 2; fewer if the way has fewer."""
    picture: str
    """What each moment shows: a name of the family's path."""


@dataclass(frozen=True, kw_only=True)
class DrawBetween(FromCheckpoint[Drawn]):
    """Draw images between two images of a seed, in one row. Without a label, they have the class of the first."""

    kind: Literal["draw_between"] = "draw_between"
    first: int
    """Number of an image, from 1."""
    last: int
    frames: int
    """How many images, with the two, from 2."""


@dataclass(frozen=True, kw_only=True)
class Neighbours(Command[NearestImages]):
    """Find the training images of `run` that are nearest to a sample of a stored sample grid."""

    kind: Literal["neighbours"] = "neighbours"
    step: int
    """Step of the grid."""
    sample: int
    """Its place in the grid, from 1."""
    count: int
    """How many images to find, from 1."""


@dataclass(frozen=True)
class PreparedSet:
    """A data set and how its images are prepared."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    source: str
    """A named set such as "digits", or the path of image files."""
    image_size: int
    """Pixels a side, 0 for the size of a named set."""
    fit: Fit
    channels: Channels
    shades: Shades = "as stored"
    rules: Rules = "0.4"


@dataclass(frozen=True, kw_only=True)
class Report(Command[ReadingResult]):
    """Request the summary of a data set, and optionally read the set."""

    kind: Literal["report"] = "report"
    data: PreparedSet
    held_out: Finite
    """Share of each class to hold out, 0 to 1."""
    fingerprint: str
    """Of the files, so that changed files make it another reading; "" for a named set."""
    begin: bool
    """Read the set if it has not been read."""
    again: bool
    """Read the set again, also after a reading that failed or was stopped."""


@dataclass(frozen=True, kw_only=True)
class StopReading(Command[Done]):
    """Stop reading a data set, for all browsers that wait for it."""

    kind: Literal["stop_reading"] = "stop_reading"
    key: str
    """Key of the reading, from `ReadingResult`."""


@dataclass(frozen=True, kw_only=True)
class Strips(Command[StripPage]):
    """Show images of a data set: original, prepared and augmented."""

    kind: Literal["strips"] = "strips"
    data: PreparedSet
    page: int
    """Page number, from 0; the set is in a fixed shuffled order."""
    count: int
    """Number of images on a page."""
    augmentations: tuple[Mapping[str, Finite], ...]
    """Applied in order; each has strengths by name, with its `probability`."""
    seed: int
    """Seed of the random augmentations."""


@dataclass(frozen=True, kw_only=True)
class Layers(Command[NetworkLayers]):
    """List the layers of a network by building it."""

    kind: Literal["layers"] = "layers"
    workflow: str
    """The workflow's document, as JSON text."""
    node: str
    """Id of the network's node."""


@dataclass(frozen=True, kw_only=True)
class FitWeights(Command[FittedWeights]):
    """Compare the weights in a file on this machine with the networks that a workflow trains."""

    kind: Literal["fit_weights"] = "fit_weights"
    workflow: str
    """The workflow's document, as JSON text."""
    weights: str
    """Path of the file."""
    network: str = ""
    """The network that the file is for; "" if the names in it say it."""


DrawingCommand = Draw | DrawPath | DrawBetween | Neighbours | Report | StopReading | Strips | Layers | FitWeights
