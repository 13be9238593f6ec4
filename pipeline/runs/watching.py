"""What a run is watched for: breakpoints that pause it, and expressions that get a chart of their own.

Kept as a small file with the run, so that they are there when it is taken up again. Whether an expression makes sense
is not known here (`pipeline/conditions.py`).
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from pipeline.runs.atomic_files import write_whole
from pipeline.runs.files import RunFiles

MOST = 20
"""Breakpoints, and watches, of one run."""


@dataclass(frozen=True)
class Breakpoint:
    """A condition that pauses the run at the step at which it comes to hold."""

    expression: str
    enabled: bool = True


@dataclass(frozen=True)
class Watching:
    """Everything that a run is watched for."""

    breakpoints: tuple[Breakpoint, ...] = ()
    watches: tuple[str, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        return {"breakpoints": [asdict(each) for each in self.breakpoints], "watches": list(self.watches)}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Raises KeyError, TypeError or ValueError where `content` is no such thing."""
        breakpoints = [Breakpoint(str(each["expression"]), bool(each["enabled"])) for each in content["breakpoints"]]
        return cls(tuple(breakpoints[:MOST]), tuple(str(each) for each in content["watches"])[:MOST])


def load(files: RunFiles) -> Watching:
    """What the run is watched for; nothing where the file is missing or cannot be read."""
    try:
        return Watching.from_json(json.loads(files.watching.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError):
        return Watching()


def save(files: RunFiles, watching: Watching) -> None:
    """Keep it with the run. Raises CannotWrite."""
    write_whole(files.watching, json.dumps(watching.as_json(), indent=1).encode())
