"""The first tour: five steps, each done with the controls of the pages, and each checked by the state of the run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio import workflows
from pipeline.studio.run import training

FAR = 20.0
"""A live parameter at this many times the value of its workflow counts as broken."""
SECOND_GRID = 100
"""By this step, the default template has drawn more than one grid of samples."""


@dataclass(frozen=True)
class TourState:
    """What the steps look at. first: value of each live parameter in the run's workflow, by its key. forked: whether
    the run is a fork. was_broken: whether the tour has seen the run broken."""

    snapshot: Snapshot
    first: Mapping[str, float]
    forked: bool = False
    was_broken: bool = False


class TourStep(NamedTuple):
    """A step: its title, what to do, the title of the page where it is done, and whether the state shows it done."""

    title: str
    task: str
    page: str
    done: Callable[[TourState], bool]


def _started(now: TourState) -> bool:
    return bool(now.snapshot.run) and now.snapshot.step > 0


def _watched(now: TourState) -> bool:
    return now.snapshot.samples_step >= SECOND_GRID


def _walked(now: TourState) -> bool:
    return now.snapshot.stage is not None


def is_broken(now: TourState) -> bool:
    """Whether a live parameter is far above its first value."""
    return any(now.first.get(key, 0) > 0 and value >= FAR * now.first[key] for key, value in now.snapshot.live.items())


def _mended(now: TourState) -> bool:
    return (now.was_broken or now.forked) and not is_broken(now)


STEPS: tuple[TourStep, ...] = (
    TourStep(
        "Start",
        "Press *Start training* on Home. A network learns to draw digits, and Train opens.",
        "Home",
        _started,
    ),
    TourStep(
        "Watch",
        "Compare *Samples* with *Real images* on Train. A new grid comes every 50 steps, and the curves show the "
        "losses.",
        "Train",
        _watched,
    ),
    TourStep(
        "Walk one step",
        "Press *Pause*. Then press *Next stage* on Inspect, again and again: each stage of one training step shows "
        "its images and numbers.",
        "Inspect",
        _walked,
    ),
    TourStep(
        "Break it",
        "On Train, set the first *Learning rate* in the sidebar to 0.1, a hundred times too high, and "
        "press *Run*. The next samples turn into noise, and soon a hint beside the run's name says what is wrong.",
        "Train",
        is_broken,
    ),
    TourStep(
        "Mend it",
        "Press *Pause*, then *Back*, and go to a step before the change. Set the learning rate to 0.0005 and press "
        "*Run*. A change after *Back* makes a fork: a new run beside the broken one.",
        "Train",
        _mended,
    ),
)


@lru_cache(maxsize=16)
def first_values(workflow_text: str) -> Mapping[str, float]:
    """The values of all live parameters in a run's workflow, by their key."""
    workflow = workflows.of_run(workflow_text).workflow
    values = {
        live.key: live.parameter.value(workflow.nodes[live.node]) for live in training.live_parameters(workflow_text)
    }
    return {key: float(value) for key, value in values.items() if isinstance(value, (int, float))}
