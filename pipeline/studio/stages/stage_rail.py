"""All stages of a step in order, with what is done and what is to come: the rail of the Inspect page."""

from dataclasses import dataclass
from typing import Literal

from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio.stages import stage_text
from pipeline.studio.stages.stage_facts import RunStages

Progress = Literal["done", "current", "to come"]
"""Of a stage; the current one was done last."""
MOST_SHOWN = 60
"""Stages in a rail. In a longer step, only one repetition of each update is listed."""


@dataclass(frozen=True)
class RailStage:
    """A stage in the rail. number: its place in the step, from 1. heading: its name as a title. node: its node's id."""

    number: int
    name: str
    heading: str
    node: str
    progress: Progress


@dataclass(frozen=True)
class RailUpdate:
    """An update in the rail, with its stages. title: which update it is, in words."""

    title: str
    stages: tuple[RailStage, ...]


def rail(snapshot: Snapshot, run: RunStages, shown: int = 0) -> tuple[RailUpdate, ...]:
    """The updates of the step that is walked, or of the next one; () if no run is loaded.

    shown: the stage whose repetition of an update is listed if the step is too long to list them all; 0 for the current
    one.
    """
    total = sum(update.count * len(update.stages) for update in snapshot.plan)
    current = snapshot.stage.number if snapshot.stage else 0
    found, before = [], 0
    for update in snapshot.plan:
        size = len(update.stages)
        repetitions = range(update.count)
        if total > MOST_SHOWN and update.count > 1:
            inside = ((shown or current) - 1 - before) // size
            repetitions = range(inside, inside + 1) if 0 <= inside < update.count else range(1)
        for repetition in repetitions:
            place = f" ({repetition + 1:,} of {update.count:,})" if update.count > 1 else ""
            first = before + repetition * size + 1
            stages = tuple(
                RailStage(number, name, stage_text.heading(name, run), node, _progress(number, current))
                for number, (name, node) in enumerate(update.stages, start=first)
            )
            found.append(RailUpdate(f"{update.name[:1].upper()}{update.name[1:]}'s update{place}", stages))
        before += update.count * size
    return tuple(found)


def _progress(number: int, current: int) -> Progress:
    return "current" if number == current else "done" if number < current else "to come"
