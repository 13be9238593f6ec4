"""Commands for the evaluation engine: how good the images of stored runs are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pipeline.runtime.messages.answers import Done
from pipeline.runtime.messages.commands import Command, Finite

Weights = Literal["ema", "raw"]
"""Averaged (EMA) weights, or the raw weights that are trained."""


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


EvaluationCommand = Evaluate | StopEvaluation
