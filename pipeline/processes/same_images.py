"""Whether all processes train on the same images, on the same kind of device."""

from collections.abc import Mapping
from typing import Any

from pipeline.errors.processes import OtherBuild
from pipeline.processes.group import Group
from pipeline.runs.environment import hash_of
from pipeline.training.experiment import Experiment

WORDS = {"images": "{:,} training images", "hash": "images with the hash {}", "device": "the device {}"}
"""Fact -> how it is said."""


def facts_of(experiment: Experiment) -> dict[str, Any]:
    """What a built run has to have in common in all processes, for the announcement "build"."""
    found = [findings.hashes for findings in experiment.found.values()]
    device = experiment.settings.device.type
    return {"images": experiment.images.train.count, "hash": hash_of(found), "device": device}


def require_same(experiment: Experiment, leaders: Mapping[str, Any], group: Group) -> None:
    """Raises OtherBuild if this process has built something else than process 0. leaders: the facts of that."""
    own = facts_of(experiment)
    for name, words in WORDS.items():
        if own[name] != leaders[name]:
            raise OtherBuild(words.format(own[name]), group.processes[0].host, words.format(leaders[name]))
