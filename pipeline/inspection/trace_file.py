"""Read a trace: a file in Chrome's JSON format, as torch.profiler writes it, with times in microseconds.

Each event with a duration (`"ph": "X"`) is of a kind (`cat`): an operator, a range that the program marks, or a kernel
on a GPU, which names the operator that launched it by its `External id`. Needs no torch.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

OPERATOR, RANGE = "cpu_op", "user_annotation"
LAUNCHES = ("cuda_runtime", "cuda_driver")
KERNELS = ("kernel", "gpu_memcpy", "gpu_memset")
MEMORY = "[memory]"
ON_CPU = 0
"""The number of the CPU among the kinds of devices of PyTorch."""

Thread = tuple[object, object]
"""Ids of a process and of a thread."""


class Event(NamedTuple):
    """Something that took time. start, end: in microseconds. external: the operator's id; of a kernel, that of the
    operator that launched it; 0 for none. correlation: joins a kernel to its launch; 0 for none."""

    kind: str
    name: str
    thread: Thread
    start: float
    end: float
    external: int = 0
    correlation: int = 0

    @property
    def duration(self) -> float:
        """In microseconds."""
        return self.end - self.start


class Allocation(NamedTuple):
    """Memory that a thread allocated at one moment, in bytes; less than 0 if it was freed."""

    thread: Thread
    start: float
    size: int
    on_cpu: bool


@dataclass(frozen=True)
class Trace:
    """What is needed of a trace to add it up."""

    events: Sequence[Event]
    allocations: Sequence[Allocation]


def read_trace(path: Path) -> Trace:
    """Read a trace. Raises OSError, and ValueError if it is not one."""
    with path.open(encoding="utf-8", errors="replace") as file:
        content = json.load(file, object_hook=_slim)
    found = content.get("traceEvents") if isinstance(content, dict) else None
    if not isinstance(found, list):
        raise ValueError("there are no events in it")
    return Trace(
        [each for each in found if isinstance(each, Event)], [each for each in found if isinstance(each, Allocation)]
    )


def _slim(content: dict[str, Any]) -> object:
    """What is needed of an event, in place of all that the file says of it: a trace may have hundreds of thousands."""
    phase, args = content.get("ph"), content.get("args", {})
    if phase is None:
        return content
    if content.get("name") == MEMORY:
        thread = (content["pid"], content["tid"])
        return Allocation(thread, content["ts"], args["Bytes"], args.get("Device Type", ON_CPU) == ON_CPU)
    kind = content.get("cat")
    if phase != "X" or kind not in (OPERATOR, RANGE, *LAUNCHES, *KERNELS):
        return None
    start = content["ts"]
    return Event(
        kind,
        content["name"],
        (content["pid"], content["tid"]),
        start,
        start + content["dur"],
        args.get("External id", 0),
        args.get("correlation", 0),
    )
