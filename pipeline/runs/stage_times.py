"""How long the stages of a run's steps took, all in all: a small file in the run's folder.

A run that is resumed goes on counting, also the steps that it repeats; a fork begins at zero.
"""

import json
from collections.abc import Iterable
from typing import NamedTuple

from pipeline.runs.atomic_files import write_atomically
from pipeline.runs.files import RunFiles

DRAW, AUGMENT = "draw real images", "augment real images"
DATA = frozenset({DRAW, AUGMENT})
"""The stages that make the batch of real images, in every family."""
WAIT = "wait for the device"
"""No stage of a step, but the time in which the numbers of several steps are awaited from the device."""


class StageTime(NamedTuple):
    """The time of one stage. update: the name of its update, "" for WAIT. seconds: on the host. times: how often it was
    run."""

    update: str
    stage: str
    seconds: float
    times: int


StageTimes = tuple[StageTime, ...]
"""In the order in which the stages first ran."""


def added(first: StageTimes, second: StageTimes) -> StageTimes:
    """The times of both, stage by stage."""
    found = {(each.update, each.stage): each for each in first}
    for each in second:
        key = each.update, each.stage
        before = found.get(key, StageTime(*key, 0.0, 0))
        found[key] = before._replace(seconds=before.seconds + each.seconds, times=before.times + each.times)
    return tuple(found.values())


def data_share(times: Iterable[StageTime]) -> float:
    """The share of the time that is spent on the batch of real images, 0 to 1; NaN without any time."""
    seconds = [(each.seconds, each.stage in DATA) for each in times]
    whole = sum(spent for spent, _ in seconds)
    return sum(spent for spent, in_data in seconds if in_data) / whole if whole > 0 else float("nan")


def load(files: RunFiles) -> StageTimes:
    """The times of a run; () if it has none yet, or the file cannot be read."""
    try:
        rows = json.loads(files.stage_times.read_bytes())
        return tuple(StageTime(str(update), str(stage), float(s), int(times)) for update, stage, s, times in rows)
    except (OSError, ValueError, TypeError):
        return ()


def save(files: RunFiles, times: StageTimes) -> None:
    """Save them with the run. Raises CannotWrite."""
    write_atomically(files.stage_times, json.dumps(times).encode())
