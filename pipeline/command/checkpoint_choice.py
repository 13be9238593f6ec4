"""Choose a checkpoint of a run by its step, or the best one by the run's periodic evaluation."""

from typing import Literal

from pipeline.command.numbers import integer
from pipeline.errors.machine import UnusableValue
from pipeline.runs import periodic
from pipeline.runs.store import RunRecord, Store

Step = int | Literal["best"]


def step_or_best(text: str) -> Step:
    """A type for argparse: a whole number, or the word best."""
    return "best" if text.strip() == "best" else integer(text)


def chosen_step(store: Store, record: RunRecord, step: Step | None) -> int | None:
    """The step of the chosen checkpoint; None for the newest. Raises UnusableValue if the run keeps no best one."""
    if step != "best":
        return step
    found = periodic.load(store.files(record.id))
    if found is None or found.best is None:
        raise UnusableValue(
            f"Run {record.id} keeps no best checkpoint: that takes a node Periodic evaluation with a metric to keep "
            "the best by. Choose a step, or leave it out for the newest."
        )
    return found.best.step
