"""Look at evaluated images with the evaluation engine, which is asked until they are known."""

import time
from collections.abc import Callable
from typing import TypeVar

from pipeline.errors.training import EngineGone
from pipeline.runtime.messages.evaluation_commands import LookAtImages, StopLooking
from pipeline.runtime.messages.image_answers import EvaluatedImages
from pipeline.studio.evaluation.engine import EvaluationEngine

ASK_SECONDS = 0.2
"""Interval between two questions while the engine draws."""
MOST_SHOWN = 64
"""Images on one page."""

ImagesT = TypeVar("ImagesT", bound=EvaluatedImages)


def look(
    engine: EvaluationEngine,
    command: LookAtImages[ImagesT],
    again: LookAtImages[ImagesT],
    told: Callable[[str, float], object],
) -> ImagesT:
    """The images that a command asks for.

    again: the same command, with which it begins. told: called with what is done and how much of it, 0 to 1. Raises
    CommandRefused (with the engine's message; its kind is ReadingStopped after `stop`) or EngineGone.
    """
    answer = engine.ask(again)
    while answer.doing:
        told(answer.doing, answer.share)
        time.sleep(ASK_SECONDS)
        answer = engine.ask(command)
    return answer


def stop(engine: EvaluationEngine, run: str) -> None:
    """Stop the drawing for all views of a run, for every browser that waits for it."""
    if engine.snapshot.engine == "gone":
        return
    try:
        engine.ask(StopLooking(run=run))
    except EngineGone:
        return
