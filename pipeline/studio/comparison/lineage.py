"""Runs and their forks as a tree: one line for each run, its forks below it, over the steps that each trained."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.runs.store import RunRecord


@dataclass(frozen=True)
class Branch:
    """One run in the tree.

    depth: forks that lead to it, 0 for a run that is no fork, or whose parent is not among the runs. above: the row of
    its parent, None without one. first, last: the steps between which it trained.
    """

    run: RunRecord
    row: int
    depth: int
    above: int | None
    first: int
    last: int


def lineage(runs: Sequence[RunRecord]) -> list[Branch]:
    """The runs in the order of a tree: every run above its forks, which follow by the step of the fork. Runs that are
    no forks keep their order."""
    known = {run.id: run for run in runs}
    forks: dict[str, list[RunRecord]] = {}
    for run in runs:
        if run.parent in known:
            forks.setdefault(str(run.parent), []).append(run)
    branches: list[Branch] = []
    for run in runs:
        if run.parent not in known:
            _add(run, forks, branches)
    return branches


def _add(root: RunRecord, forks: Mapping[str, Sequence[RunRecord]], branches: list[Branch]) -> None:
    """Add a run and all its forks. Without recursion, since a chain of forks may be long."""
    waiting: list[tuple[RunRecord, int, int | None]] = [(root, 0, None)]
    while waiting:
        run, depth, above = waiting.pop()
        row, first = len(branches), run.parent_step or 0
        branches.append(Branch(run, row, depth, above, first, max(first, run.step)))
        ordered = sorted(forks.get(run.id, ()), key=lambda fork: (fork.parent_step or 0, fork.id), reverse=True)
        waiting.extend((fork, depth + 1, row) for fork in ordered)
