"""A profile of training steps as plain numbers: its time by stage and by operator, shared by the code that measures,
stores and shows it.

Times are in milliseconds and memory in bytes, both over all measured steps together.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

USUAL_STEPS, MOST_STEPS = 10, 100
"""More would not measure better, and the trace would be too large for a browser."""
BETWEEN = ""
"""The stage that stands for the rest of a step: averages of weights, counting, and what the profiler itself takes."""


@dataclass(frozen=True)
class StageTime:
    """One stage of a step.

    update, stage: names of its update and of itself; both are BETWEEN for the rest of the step. calls: how often it
    ran. total: from its begin to its end. own: the part outside operators: Python, and waiting for something else.
    share: `total` as a share of the steps, 0 to 1. device: time of its kernels on the GPU, 0 without one. memory: by
    how much it raised the device's memory at most, in one call.
    """

    update: str
    stage: str
    calls: int
    total: float
    own: float
    share: float
    device: float
    memory: int


@dataclass(frozen=True)
class OperatorTime:
    """One operator of PyTorch, in all steps.

    own: without the operators that it calls. total: with them. device: of the kernels that it launched itself. memory:
    that it allocated itself; what it freed does not count. update, stage: where it costs most; BETWEEN outside stages.
    stage_share: the share of its cost there, 0 to 1.
    """

    name: str
    calls: int
    own: float
    total: float
    device: float
    memory: int
    update: str
    stage: str
    stage_share: float


@dataclass(frozen=True)
class ProfileTables:
    """What a trace says of its measured steps. milliseconds: of all steps. stages: in the order of a step, BETWEEN
    last. operators: the most expensive first."""

    milliseconds: float
    stages: tuple[StageTime, ...]
    operators: tuple[OperatorTime, ...]

    @property
    def on_device(self) -> bool:
        """Whether kernels ran on a GPU, so that this time matters more than the CPU's."""
        return any(stage.device for stage in self.stages)


@dataclass(frozen=True)
class Profile:
    """A profile of the steps `first` to `last` of a run.

    made: seconds since 1970. device, threads, versions, processes: with what it was measured; of several processes, in
    process 0. cut: why it has fewer steps than
    were asked for, in a sentence; "" if it has all.
    """

    first: int
    last: int
    made: float
    device: str
    threads: int
    versions: str
    cut: str
    tables: ProfileTables
    processes: int = 1

    @property
    def steps(self) -> int:
        """How many steps were measured."""
        return self.last - self.first + 1

    def as_dict(self) -> dict[str, Any]:
        """All facts, as JSON has them."""
        return {**asdict(self), "steps": self.steps}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """The inverse of `as_dict`. Raises KeyError, TypeError or ValueError for other content."""
        tables = content["tables"]
        first, last = int(content["first"]), int(content["last"])
        if not 0 < first <= last:
            raise ValueError("no steps")
        return cls(
            first=first,
            last=last,
            made=float(content["made"]),
            device=str(content["device"]),
            threads=int(content["threads"]),
            versions=str(content["versions"]),
            cut=str(content["cut"]),
            processes=int(content.get("processes", 1)),
            tables=ProfileTables(
                float(tables["milliseconds"]),
                tuple(StageTime(**stage) for stage in tables["stages"]),
                tuple(OperatorTime(**operator) for operator in tables["operators"]),
            ),
        )
