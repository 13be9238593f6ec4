"""What the store records of a run: its record, what can be changed of it, and its events."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypedDict

GridNoise = Literal["together", "each"]
"""How the noise of a run's sample grids is drawn: as one tensor for all images, or from a separate stream for each
image."""

State = Literal["running", "paused", "finished", "failed", "interrupted"]
EventKind = Literal[
    "started", "images read", "weights loaded", "resumed", "images changed", "forked", "parameter changed", "updated",
    "went back", "stopped", "paused", "saved", "pinned", "unpinned", "failed", "finished", "interrupted", "imported",
    "log failed", "profiled", "images replaced", "processes",
]  # fmt: skip


@dataclass(frozen=True)
class RunRecord:
    """The record of a run."""

    id: str
    """Identifies the run."""
    name: str
    """A label; runs may share one."""
    state: State
    step: int
    """The last finished step."""
    total_steps: int
    created: float
    """Seconds since 1970."""
    updated: float
    """Seconds since 1970."""
    workflow_text: str
    """The workflow document."""
    device: str
    seed: int
    batch_size: int
    train_images: int
    """Number of training images."""
    seconds: float
    """Elapsed training time."""
    images_per_second: float
    """Recent speed."""
    who: str
    """The user who started it; "" if unnamed."""
    parent: str | None
    """Id of the run that it was forked from; None if it is no fork, and if that run was deleted."""
    parent_step: int | None
    """The step at which it was forked, also if its parent was deleted; None if it is no fork."""
    error_node: str | None
    """Id of the node at which it failed."""
    error: str | None
    """Why it failed."""
    version: str | None
    """The version of Genscope that created it; None for runs made before versions were recorded."""
    noise: GridNoise
    """How the noise of its sample grids is drawn."""
    threads: int | None
    """CPU threads that it is trained with; None if it was last trained before they were recorded."""
    data: Mapping[str, Any] | None = field(default=None, hash=False)
    """What was found when its images were read (`nodes/run_data.py`); None before, and for runs of older versions."""
    template: str = ""
    """The name of the workflow that it was started with."""
    images: str = ""
    """The name of its data; "" if it was not recorded."""
    changed: str = ""
    """What was changed at the fork, in words; "" for other runs, and for forks without a change."""
    note: str = ""
    archived: bool = False
    """Whether lists leave it out."""
    processes: int = 1
    """Number of processes that train it, or last did."""
    job: str = ""
    """Id of the cluster job that trains it, or last did; "" if it is or was trained on no cluster."""

    @property
    def data_text(self) -> str:
        """`data` as JSON text, the key under which a check of this run's workflow is cached."""
        return json.dumps(self.data, sort_keys=True)


class RunChanges(TypedDict, total=False):
    """What `Store.update` can change; omitted fields stay as they are."""

    name: str
    state: State
    step: int
    total_steps: int
    train_images: int
    device: str
    threads: int
    seconds: float
    images_per_second: float
    data: Mapping[str, Any]
    error_node: str | None
    error: str | None
    note: str
    processes: int
    job: str


@dataclass(frozen=True)
class Event:
    """Something that happened to a run after `step`. time: seconds since 1970. who: name of the user who caused it."""

    step: int
    time: float
    kind: EventKind
    text: str
    who: str
    data: Mapping[str, Any] | None
