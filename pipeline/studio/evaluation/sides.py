"""What can be compared: checkpoints of runs, and which of their evaluations were measured in the same way."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.runs.evaluations import Evaluation
from pipeline.runs.store import RunRecord, Store
from pipeline.studio.evaluation.evaluating import evaluations_of
from pipeline.studio.run.history import checkpoint_steps


@dataclass(frozen=True)
class Side:
    """A checkpoint of a run. title: for lists and pictures."""

    run: str
    step: int
    title: str


def sides(store: Store, shown: RunRecord, step: int, others: Sequence[RunRecord]) -> list[Side]:
    """What the checkpoint of `step` of a run can be compared with: the newest checkpoints of other runs, then its own
    other checkpoints."""
    found = []
    for record in others:
        steps = checkpoint_steps(store, record.id) if record.id != shown.id else []
        found += [Side(record.id, each, f"{record.name}, step {each:,} · {record.id}") for each in steps[:1]]
    own = [each for each in checkpoint_steps(store, shown.id) if each != step]
    return found + [Side(shown.id, each, f"this run, step {each:,}") for each in own]


def usual_sides(shown: RunRecord, offered: Sequence[Side]) -> list[Side]:
    """What is compared unless others are chosen: the run that it was forked from, else the first that is offered."""
    parent = [side for side in offered if side.run == shown.parent]
    return parent[:1] or list(offered[:1])


def measured_alike(
    store: Store, compared: Sequence[Side], *, count: int, seed: int, weights: str
) -> list[Evaluation | None]:
    """An evaluation of each side, all measured as the newest of the first that has this count, seed and weights; None
    where there is none."""
    found: list[Evaluation | None] = []
    for side in compared:
        fitting = [
            each
            for each in evaluations_of(store, side.run)
            if each.step == side.step
            and each.results
            and (each.way.count, each.way.seed, each.way.weights) == (count, seed, weights)
            and (not found or found[0] is None or _alike(each, found[0]))
        ]
        found.append(fitting[-1] if fitting else None)
    return found


def _alike(one: Evaluation, other: Evaluation) -> bool:
    return (one.way.content, one.way.digest) == (other.way.content, other.way.digest)
