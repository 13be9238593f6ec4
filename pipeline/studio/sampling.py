"""Drawing samples from a stored checkpoint, and finding the real images near one, by the second engine."""

from dataclasses import dataclass
from typing import Literal

from pipeline.runtime.handle import TrainerHandle
from pipeline.runtime.messages import Command

Weights = Literal["ema", "raw"]
MOST = 1024
"""Images in one grid; more are drawn on the command line, into an .npz file."""


@dataclass(frozen=True)
class DrawnGrid:
    """A grid of samples: PNG bytes, with the workflow inside, and the step they were drawn from."""

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
    """Draws `count` images from the checkpoint of `step` (None: the newest). The same call gives the same bytes.

    label: the class to draw, of a conditional network; None for each in turn.
    Raises CommandRefused with the engine's sentence, EngineGone.
    """
    arguments = {"step": step, "count": count, "seed": seed, "weights": weights, "label": label}
    answer = drawer.ask(Command("draw", run=run, arguments=arguments), timeout=300)
    return DrawnGrid(run, int(answer.values["step"]), answer.blobs[0])


@dataclass(frozen=True)
class Neighbour:
    """A real training image as PNG, pixel for pixel, and its distance from the sample.

    distance: the root mean square difference of their values, which lie in [-1, 1]: 0 for a copy, 2 at most.
    """

    png: bytes
    distance: float


@dataclass(frozen=True)
class Neighbours:
    """The nearest first. usual: the same distance of held-out images, as their median; None where there are none."""

    found: tuple[Neighbour, ...]
    usual: float | None


def neighbours(drawer: TrainerHandle, run: str, step: int, sample: int, count: int) -> Neighbours:
    """The `count` training images nearest to sample `sample`, from 1, of the run's sample grid of `step`.

    Raises CommandRefused with the engine's sentence, EngineGone.
    """
    arguments = {"step": step, "sample": sample, "count": count}
    answer = drawer.ask(Command("neighbours", run=run, arguments=arguments), timeout=300)
    pairs = zip(answer.blobs, answer.values["distances"], strict=True)
    return Neighbours(tuple(Neighbour(png, distance) for png, distance in pairs), answer.values["usual"])
