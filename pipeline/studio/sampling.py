"""Draw samples from a stored checkpoint and find the training images nearest to a sample, with the drawing engine."""

from dataclasses import dataclass
from typing import Literal

from pipeline.runtime.handle import TrainerHandle
from pipeline.runtime.messages import Command

Weights = Literal["ema", "raw"]
MOST = 1024
"""Most images in one grid; the command line draws more, into an .npz file."""


@dataclass(frozen=True)
class DrawnGrid:
    """A sample grid: the PNG, which contains the workflow, and the step of the checkpoint."""

    run: str
    step: int
    png: bytes


def draw(
    drawer: TrainerHandle,
    run: str,
    step: int | None,
    count: int,
    seed: int,
    weights: Weights,
    label: int | None = None,
) -> DrawnGrid:
    """Draw `count` images from the checkpoint of `step` (None: the newest). Equal calls give equal bytes.

    label: the class to draw with a conditional network; None for every class in turn.
    Raises CommandRefused (with the engine's message) or EngineGone.
    """
    arguments = {"step": step, "count": count, "seed": seed, "weights": weights, "label": label}
    answer = drawer.ask(Command("draw", run=run, arguments=arguments), timeout=300)
    return DrawnGrid(run, int(answer.values["step"]), answer.blobs[0])


@dataclass(frozen=True)
class Neighbour:
    """A training image near a sample, as an unscaled PNG.

    distance: root mean square difference of the pixel values, which are in [-1, 1]: 0 for a copy, 2 at most.
    """

    png: bytes
    distance: float


@dataclass(frozen=True)
class Neighbours:
    """found: the nearest first. usual: median of the nearest distance of held-out images; None if there are none."""

    found: tuple[Neighbour, ...]
    usual: float | None


def neighbours(drawer: TrainerHandle, run: str, step: int, sample: int, count: int) -> Neighbours:
    """Find the `count` training images nearest to sample number `sample` (from 1) of the sample grid at `step`.

    Raises CommandRefused (with the engine's message) or EngineGone.
    """
    arguments = {"step": step, "sample": sample, "count": count}
    answer = drawer.ask(Command("neighbours", run=run, arguments=arguments), timeout=300)
    pairs = zip(answer.blobs, answer.values["distances"], strict=True)
    return Neighbours(tuple(Neighbour(png, distance) for png, distance in pairs), answer.values["usual"])
