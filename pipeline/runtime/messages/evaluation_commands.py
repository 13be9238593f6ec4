"""Commands for the evaluation engine: how good the images of stored runs are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pipeline.runtime.messages.answers import Done
from pipeline.runtime.messages.commands import AnswerT, Command, Finite
from pipeline.runtime.messages.image_answers import FailedImages, JudgedImages, MemorisedImages

Weights = Literal["ema", "raw"]
"""Averaged (EMA) weights, or the raw weights that are trained."""
JudgedOrder = Literal["most wrong", "highest score", "lowest score"]
JudgedKind = Literal["both", "real", "generated"]
FailureList = Literal["unclaimed", "least typical", "most typical"]


@dataclass(frozen=True, kw_only=True)
class Evaluate(Command[Done]):
    """Evaluate checkpoints of `run` after those that wait already. The results are kept with the run."""

    kind: Literal["evaluate"] = "evaluate"
    steps: tuple[int, ...] = ()
    """Steps of the checkpoints; () for the newest."""
    every_step: bool = False
    """All checkpoints that are kept."""
    weights: Weights = "ema"
    metrics: tuple[str, ...] = ()
    """Names of metrics; () for the default ones."""
    count: int
    """How many images to generate of each checkpoint."""
    seed: int = 0
    """Seed of the images and of the metrics."""
    data: str = ""
    """The set to compare with: "" for the run's own, a named set, or the path of image files."""
    features: str = "auto"
    """The features to compare: auto, digits, own, efficientnet, or the path of a file of weights."""
    settings: Mapping[str, int | Finite | str] = field(default_factory=dict)
    """Values of the sampler's options by name, in place of the run's own."""
    device: str = "auto"
    """auto, cpu, cuda, cuda:1, mps."""


@dataclass(frozen=True, kw_only=True)
class StopEvaluation(Command[Done]):
    """Stop the evaluation of `run`, for every browser; forget it if it has ended."""

    kind: Literal["stop_evaluation"] = "stop_evaluation"


@dataclass(frozen=True, kw_only=True)
class LookAtImages(Command[AnswerT]):
    """Base class of the commands that show images of an evaluated checkpoint of `run`, one page of a list.

    Images that were drawn by an evaluation in the same way are not drawn again. An answer comes at once; it says what
    is being done if the images are not known yet, so that the command is sent again.
    """

    step: int
    """Step of the checkpoint."""
    weights: Weights = "ema"
    count: int
    """How many images to generate."""
    seed: int = 0
    data: str = ""
    """The set to compare with, as in `Evaluate`."""
    features: str = "auto"
    settings: Mapping[str, int | Finite | str] = field(default_factory=dict)
    device: str = "auto"
    first: int = 0
    """How many images of the list come before the page."""
    shown: int
    """How many images the page has at most, 1 to 64."""
    again: bool = False
    """Begin again if it has failed or was stopped."""


@dataclass(frozen=True, kw_only=True)
class JudgeImages(LookAtImages[JudgedImages]):
    """Show held-out and generated images with the verdicts of the run's scoring network."""

    kind: Literal["judge_images"] = "judge_images"
    order: JudgedOrder = "most wrong"
    of: JudgedKind = "both"
    """Which images."""


@dataclass(frozen=True, kw_only=True)
class FindMemorised(LookAtImages[MemorisedImages]):
    """Show generated images beside their nearest training images, the closest pair first."""

    kind: Literal["find_memorised"] = "find_memorised"


@dataclass(frozen=True, kw_only=True)
class FindFailures(LookAtImages[FailedImages]):
    """Show generated images that no class claims, the least certain first, or the least or most typical ones."""

    kind: Literal["find_failures"] = "find_failures"
    which: FailureList = "unclaimed"


@dataclass(frozen=True, kw_only=True)
class StopLooking(Command[Done]):
    """Stop the drawing for all views of `run`, for every browser."""

    kind: Literal["stop_looking"] = "stop_looking"


EvaluationCommand = Evaluate | StopEvaluation | JudgeImages | FindMemorised | FindFailures | StopLooking
