"""The Trainer of process 0: it announces each action to the other processes before it carries it out."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from pipeline.data.progress import ReadProgress, no_progress
from pipeline.errors.base import Refusal
from pipeline.errors.data import ReadingStopped
from pipeline.errors.machine import HomeTrouble
from pipeline.errors.training import NotFinite
from pipeline.processes.group import Group
from pipeline.processes.same_images import facts_of
from pipeline.processes.state_bytes import to_bytes
from pipeline.training.experiment import Experiment, begin
from pipeline.training.same_state import require_same_state
from pipeline.training.stages import Made, Operation, Update
from pipeline.training.state import Captured, JournalEntry, TrainState
from pipeline.training.trainer import Trainer

TOGETHER = (NotFinite, ReadingStopped, Refusal, HomeTrouble)
"""Errors that leave the processes together: what is not finite here is not finite anywhere, and the others are raised
where no process waits for another."""


class LeadingTrainer(Trainer):
    """Trains a state that the processes of a group share. An action within another one is part of it.

    After a fault that the processes do not share, it is alone, and announces nothing more.
    """

    def __init__(self, experiment: Experiment, state: TrainState, group: Group) -> None:
        super().__init__(experiment, state)
        self._group = group
        self._inside = False

    def hand_over(self) -> None:
        """Have the other processes take over the state of this one, between two steps."""
        with self._announced("restore", lambda: to_bytes(self.state.capture(), self.journal)):
            pass

    def whole_step(self) -> None:
        with self._announced("step"):
            super().whole_step()

    def finish_step(self) -> None:
        if not self.between_steps:
            with self._announced("finish step"):
                super().finish_step()

    def update_only(self, name: str) -> Mapping[str, float]:
        with self._announced("update", name=name):
            return super().update_only(name)

    def set_live(self, key: str, value: float) -> None:
        with self._announced("live", key=key, value=value):
            super().set_live(key, value)

    def catch_up(self) -> None:
        if self._ahead and self._ahead[0].step == self.state.step:
            with self._announced("catch up"):
                super().catch_up()

    def restore(self, captured: Captured, journal: Iterable[JournalEntry] = ()) -> None:
        journal = tuple(journal)
        with self._announced("restore", lambda: to_bytes(captured, journal)):
            super().restore(captured, journal)

    def drop_replay(self) -> None:
        with self._announced("drop replay"):
            super().drop_replay()

    def compare(self) -> None:
        """Raise ProcessesDiffer if the processes do not hold the same state, between two steps."""
        with self._announced("compare"):
            node = self.experiment.node
            require_same_state(self.state, node, self.experiment.titles.get(node, ""))

    def _prepare(self) -> None:
        if self._inside:
            # The others prepare it too, and then wait for this process: nothing may stop it here.
            self._plan.prepare(no_progress, self.blamed)
        elif self._plan.unprepared:
            with self._announced("prepare"):
                super()._prepare()

    def _do(self, update: Update, operation: Operation, made: dict[str, Tensor], metrics: dict[str, Tensor]) -> Made:
        with self._announced("stage"):
            return super()._do(update, operation, made, metrics)

    @contextmanager
    def _announced(self, action: str, state: Callable[[], bytes] | None = None, **details: Any) -> Iterator[None]:
        if self._inside or self._group.broken:
            yield
            return
        node = self.experiment.node
        title = self.experiment.titles.get(node, "")
        try:
            number = self._group.announce(action, state and state(), **details)
        except RuntimeError as error:
            raise self._group.lost(node, "train", title) from error
        self._inside = True
        try:
            yield
        except TOGETHER:
            raise
        except Exception as error:
            found = self._group.judged(number, error, node, "train", title)
            if found is error:
                raise
            raise found from error
        finally:
            self._inside = False


def leading(
    experiment: Experiment, group: Group, workflow_text: str, together: bool, progress: ReadProgress
) -> LeadingTrainer:
    """The trainer of process 0 at step 0 of a run that every other process has built too, with as many CPU threads.

    workflow_text: the run's workflow. together: see `Settings`. Raises as `Group.require_built`, and what `Group.lost`
    returns.
    """
    trainer = LeadingTrainer(experiment, begin(experiment), group)
    node, title = experiment.node, experiment.titles.get(experiment.node, "")
    try:
        number = group.announce(
            "build", text=workflow_text, together=together, threads=torch.get_num_threads(), **facts_of(experiment)
        )
    except RuntimeError as error:
        raise group.lost(node, "begin", title) from error
    group.require_built(number, progress, node, title)
    return trainer


def hand_over(trainer: Trainer) -> None:
    """Have the other processes, if there are any, take over the state of this one, between two steps."""
    if isinstance(trainer, LeadingTrainer):
        trainer.hand_over()


def compare(trainer: Trainer) -> None:
    """Raise ProcessesDiffer if there are other processes, and they do not hold the same state."""
    if isinstance(trainer, LeadingTrainer):
        trainer.compare()
