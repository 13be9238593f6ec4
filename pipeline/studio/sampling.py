"""Draw samples from a stored checkpoint and find the training images nearest to a sample, with the drawing engine."""

from pipeline.runtime.handle import TrainerHandle
from pipeline.runtime.messages.answers import NearestImages
from pipeline.runtime.messages.commands import AnswerT, Cancel, Command
from pipeline.runtime.messages.drawing_commands import Neighbours

MOST = 1024
"""Maximum number of images in one grid; the command line draws more, into an .npz file."""
DRAW_SECONDS = 3600.0
"""A drawing of many images in a thousand steps takes this long; it can be stopped."""


def draw(drawer: TrainerHandle, command: Command[AnswerT]) -> AnswerT:
    """Draw: `Draw`, `DrawPath` or `DrawBetween`. The same command gives the same bytes.

    Raises CommandRefused (with the engine's message; its kind is ReadingStopped after `stop`) or EngineGone.
    """
    return drawer.ask(command, timeout=DRAW_SECONDS)


def stop(drawer: TrainerHandle) -> None:
    """Stop what the drawing engine draws, for every browser that waits for it. Raises EngineGone."""
    drawer.ask(Cancel())


def doing(drawer: TrainerHandle) -> str:
    """What the drawing engine does, in words, such as "Drawing images, 40% done"."""
    return drawer.snapshot.doing or "Drawing images"


def neighbours(drawer: TrainerHandle, run: str, step: int, sample: int, count: int) -> NearestImages:
    """Find the `count` training images nearest to sample number `sample` (from 1) of the sample grid at `step`.

    Raises CommandRefused (with the engine's message) or EngineGone.
    """
    return drawer.ask(Neighbours(step=step, sample=sample, count=count, run=run), timeout=300)
