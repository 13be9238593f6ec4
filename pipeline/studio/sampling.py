"""Draw samples from a stored checkpoint and find the training images nearest to a sample, with the drawing engine."""

from pipeline.runtime.handle import TrainerHandle
from pipeline.runtime.messages.answers import Drawn, NearestImages
from pipeline.runtime.messages.drawing_commands import Draw, Neighbours, Weights

MOST = 1024
"""Maximum number of images in one grid; the command line draws more, into an .npz file."""


def draw(
    drawer: TrainerHandle,
    run: str,
    step: int | None,
    count: int,
    seed: int,
    weights: Weights,
    label: int | None = None,
) -> Drawn:
    """Draws `count` images from the checkpoint of `step` (None: the newest). The same call gives the same bytes.

    label: the class to draw with a conditional network; None for every class in turn.
    Raises CommandRefused (with the engine's message) or EngineGone.
    """
    command = Draw(step=step, count=count, seed=seed, weights=weights, label=label, run=run)
    return drawer.ask(command, timeout=300)


def neighbours(drawer: TrainerHandle, run: str, step: int, sample: int, count: int) -> NearestImages:
    """Find the `count` training images nearest to sample number `sample` (from 1) of the sample grid at `step`.

    Raises CommandRefused (with the engine's message) or EngineGone.
    """
    return drawer.ask(Neighbours(step=step, sample=sample, count=count, run=run), timeout=300)
