"""Whether all processes train on the same images, on the same kind of device."""

from collections.abc import Mapping
from typing import Any

from pipeline.errors.processes import OtherProcess
from pipeline.formatting import counted
from pipeline.processes.group import Group
from pipeline.runs.environment import hash_of
from pipeline.training.experiment import Experiment


def facts_of(experiment: Experiment) -> dict[str, Any]:
    """What a built run has to have in common in all processes, for the announcement "build"."""
    found = [findings.hashes for findings in experiment.found.values()]
    device = experiment.settings.device.type
    return {"images": experiment.images.train.count, "hash": hash_of(found), "device": device}


def require_same(experiment: Experiment, leaders: Mapping[str, Any], group: Group) -> None:
    """Raises OtherProcess if this process has built something else than process 0. leaders: the facts of that."""
    own = facts_of(experiment)
    for name, words in {"images": "training images:", "hash": "images of the hash", "device": "the device"}.items():
        if own[name] != leaders[name]:
            theirs, first = (
                counted(each[name], "image") if name == "images" else each[name] for each in (own, leaders)
            )
            me, leader = group.processes[group.ranks.index], group.processes[0]
            raise OtherProcess(me.rank, me.host, words, str(theirs), leader.host, str(first))
