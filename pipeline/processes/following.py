"""The loop of a process that follows: it carries out what process 0 announces, until that ends.

It opens no store, saves nothing and prints nothing. Since it trains with the same code from the same state, it holds
the same weights after each step.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import torch

from pipeline.errors.base import GenscopeError, Refusal
from pipeline.errors.processes import LeaderLost
from pipeline.errors.training import NodeFailure, NotFinite, NotLive, UnknownUpdate
from pipeline.formatting import describe_error
from pipeline.graph import document
from pipeline.nodes.assemble import assemble
from pipeline.nodes.checked_workflow import check_workflow
from pipeline.processes.group import Group, Message
from pipeline.processes.same_images import require_same
from pipeline.processes.state_bytes import from_bytes
from pipeline.processes.words import Words, connection_lost
from pipeline.runs.home import home
from pipeline.training.same_state import require_same_state
from pipeline.training.trainer import Trainer

SHARED = (NotFinite, NotLive, UnknownUpdate)
"""Errors that process 0 has met too, and decides on."""


def follow(group: Group) -> int:
    """Carry out what process 0 announces, and return the exit code: the one that it announces at its end, or 1 after a
    fault of this process or if process 0 is gone."""
    follower = Follower(group)
    with suppress(LeaderLost):
        while (code := follower.obey(group.hear())) is None:
            pass
        return code
    return 1


class FollowingTrainer(Trainer):
    """A trainer whose metrics nobody reads."""

    def forget_metrics(self) -> None:
        self._rows.clear()


class Follower:
    """Holds the state that it shares with process 0. trainer: None until a run is built."""

    def __init__(self, group: Group) -> None:
        self._group = group
        self.trainer: FollowingTrainer | None = None

    def obey(self, message: Message) -> int | None:
        """Carry out one announcement. Returns the exit code if this process has to end. Raises LeaderLost."""
        action, number = message["do"], message["number"]
        if action == "end":
            return int(message["code"])
        if action == "build":
            self._build(message)
            return None
        try:
            assert self.trainer is not None, "a run is built before it is trained"
            ACTIONS[action](self.trainer, message)
            self.trainer.forget_metrics()
        except SHARED:
            pass
        except Exception as error:  # noqa: BLE001 - process 0 has to hear of every fault, also of custom code
            return self._failed(number, error)
        return None

    def _build(self, message: Message) -> None:
        """Build the run, and reply whether that went well."""
        # Two runs may not fit into the memory.
        self.trainer = None
        try:
            workflow = check_workflow(document.read(message["text"], "The workflow of the run"))
            torch.set_num_threads(message["threads"])
            experiment = assemble(workflow, home(), together=message["together"], ranks=self._group.ranks)
            # Code of a node may have changed it.
            torch.set_num_threads(message["threads"])
            require_same(experiment, message, self._group)
            self.trainer = FollowingTrainer.fresh(experiment)
        except Exception as error:  # noqa: BLE001 - as above
            self._group.say(message["number"], _words(error))
        else:
            self._group.say(message["number"], Words())

    def _failed(self, number: int, error: Exception) -> int | None:
        """Say what has failed. Stay if process 0 has failed too, because both have met the same fault."""
        if connection_lost(error):
            self._group.leave(number, Words())
            return 1
        self._group.say(number, _words(error))
        if self._group.leader_failed(number):
            return None
        self._group.leave(number, _words(error))
        return 1


def _words(error: Exception) -> Words:
    sentence = str(error) if isinstance(error, GenscopeError) else f"it failed ({describe_error(error)})."
    node = error.node_id if isinstance(error, NodeFailure) else ""
    return Words(sentence, node, isinstance(error, Refusal))


def _stage(trainer: Trainer, message: Message) -> None:
    next(trainer.stages())


def _restore(trainer: Trainer, message: Message) -> None:
    trainer.restore(*from_bytes(message["state"]))


ACTIONS: Mapping[str, Callable[[Any, Message], object]] = {
    "step": lambda trainer, message: trainer.whole_step(),
    "stage": _stage,
    "finish step": lambda trainer, message: trainer.finish_step(),
    "update": lambda trainer, message: trainer.update_only(message["name"]),
    "live": lambda trainer, message: trainer.set_live(message["key"], message["value"]),
    "prepare": lambda trainer, message: trainer.prepare(),
    "catch up": lambda trainer, message: trainer.catch_up(),
    "compare": lambda trainer, message: require_same_state(trainer.state),
    "drop replay": lambda trainer, message: trainer.drop_replay(),
    "restore": _restore,
}
"""What a follower does for each announcement of `LeadingTrainer`."""
