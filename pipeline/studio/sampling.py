"""Drawing samples from a stored checkpoint, by the second engine."""

from dataclasses import dataclass
from typing import Literal

from pipeline.runtime.handle import TrainerHandle
from pipeline.runtime.messages import Command

Weights = Literal["ema", "raw"]
MOST = 1024
"""Images in one grid; more are drawn on the command line, into an .npz file."""


@dataclass(frozen=True)
class Grid:
    """A grid of samples: PNG bytes, with the workflow inside, and the step they were drawn from."""

    run: str
    step: int
    png: bytes


def draw(drawer: TrainerHandle, run: str, step: int | None, count: int, seed: int, weights: Weights) -> Grid:
    """Draws `count` images from the checkpoint of `step` (None: the newest). The same call gives the same bytes.

    Raises Answered with the engine's sentence, EngineGone.
    """
    arguments = {"step": step, "count": count, "seed": seed, "weights": weights}
    answer = drawer.ask(Command("draw", run=run, arguments=arguments), timeout=300)
    return Grid(run, int(answer.values["step"]), answer.blobs[0])
