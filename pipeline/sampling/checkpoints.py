"""Open a stored run: check its workflow and load a checkpoint's weights into its networks."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from torch import nn

from pipeline.errors.machine import UnusableValue
from pipeline.errors.runs import BrokenCheckpoint, NoCheckpoint, UnknownCheckpoint
from pipeline.nodes.checked_workflow import CheckedWorkflow, check_run, checked_for_drawing
from pipeline.runs.store import RunRecord, Store
from pipeline.training.checkpoint import load_network
from pipeline.training.state import Weights


@dataclass(frozen=True)
class StoredRun:
    """A run with at least one checkpoint.

    checkpoints: step -> folder. wanted: the requested step; None for the newest undamaged checkpoint.
    """

    record: RunRecord
    checked: CheckedWorkflow
    checkpoints: Mapping[int, Path]
    wanted: int | None

    def load(self, networks: Mapping[str, nn.Module], weights: Weights) -> tuple[int, tuple[str, ...]]:
        """Load the checkpoint's weights into networks, by role; return its step and a message per skipped checkpoint.

        A newer checkpoint that is damaged is skipped. weights: "ema" for the moving average, or the raw weights if none
        was kept. Raises NoCheckpoint; BrokenCheckpoint if the requested checkpoint is damaged; UnusableValue for other
        values of `weights`.
        """
        if weights not in get_args(Weights):
            raise UnusableValue(f"There are no weights {weights!r}: choose {' or '.join(get_args(Weights))}.")
        skipped: list[str] = []
        for step in sorted(self.checkpoints, reverse=True) if self.wanted is None else [self.wanted]:
            try:
                for role, network in networks.items():
                    load_network(self.checkpoints[step], role, weights, network)
            except BrokenCheckpoint as error:
                if self.wanted is not None:
                    raise
                skipped.append(str(error))
                continue
            return step, tuple(skipped)
        raise NoCheckpoint(self.record.id)


def open_run(store: Store, run: str, step: int | None, *, images: bool = False) -> StoredRun:
    """Open a run (an id, or "latest") at the checkpoint of `step`; None for the newest undamaged one.

    images: whether its images are needed; otherwise the run's record stands for them. Raises UnknownRun, NoCheckpoint,
    UnknownCheckpoint; ImagesNeeded if its images are needed and cannot be used; InvalidWorkflow if this version of the
    program cannot build the run's workflow.
    """
    record = store.resolve(run)
    checkpoints = dict(store.files(record.id).checkpoints())
    if not checkpoints:
        raise NoCheckpoint(record.id)
    if step is not None and step not in checkpoints:
        raise UnknownCheckpoint(record.id, step, checkpoints)
    checked = check_run(record, "reconstruct them") if images else checked_for_drawing(record)
    return StoredRun(record, checked, checkpoints, step)
