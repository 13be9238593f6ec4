"""A stored run opened to be looked at again: its workflow checked anew, its networks given a checkpoint's weights."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from torch import nn

from pipeline.errors.machine import UnusableValue
from pipeline.errors.runs import BrokenCheckpoint, NoCheckpoint, UnknownCheckpoint
from pipeline.nodes.checked_workflow import CheckedWorkflow, read_checked
from pipeline.runs.store import RunRecord, Store
from pipeline.training.checkpoint import load_network
from pipeline.training.state import Weights


@dataclass(frozen=True)
class StoredRun:
    """A run with at least one checkpoint. checkpoints: step -> folder. wanted: the one asked for, None for the newest
    that is sound."""

    record: RunRecord
    checked: CheckedWorkflow
    checkpoints: Mapping[int, Path]
    wanted: int | None

    def load(self, networks: Mapping[str, nn.Module], weights: Weights) -> tuple[int, tuple[str, ...]]:
        """Gives networks, by role, the weights of the checkpoint; returns its step, and a sentence for each newer one

        that is damaged and was passed over. weights: "ema" for the moving average, which is the raw weights where none
        was kept. Raises NoCheckpoint; BrokenCheckpoint for a damaged one that was asked for; UnusableValue for other
        weights.
        """
        if weights not in get_args(Weights):
            raise UnusableValue(f"There are no weights {weights!r}: choose one of {', '.join(get_args(Weights))}.")
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


def open_run(store: Store, run: str, step: int | None) -> StoredRun:
    """The run (an id, or "latest") with the checkpoint of `step`, None for the newest that is sound.

    Raises UnknownRun, NoCheckpoint, UnknownCheckpoint; InvalidWorkflow where this version of the program cannot build
    the run's workflow.
    """
    record = store.resolve(run)
    checkpoints = dict(store.files(record.id).checkpoints())
    if not checkpoints:
        raise NoCheckpoint(record.id)
    if step is not None and step not in checkpoints:
        raise UnknownCheckpoint(record.id, step, checkpoints)
    checked = read_checked(record.workflow_text, f"The workflow of run {record.id}")
    return StoredRun(record, checked, checkpoints, step)
