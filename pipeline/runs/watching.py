"""The breakpoints that pause a run, and the watches: expressions that are drawn as charts.

Stored as a small file with the run, so that they survive a resume. Expressions are not checked here (see
`pipeline/conditions/`).
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from pipeline.runs.atomic_files import write_atomically
from pipeline.runs.files import RunFiles

MOST = 20
"""Maximum number of breakpoints of a run, and of watches."""


@dataclass(frozen=True)
class Breakpoint:
    """A condition that pauses the run at the step at which it becomes true."""

    expression: str
    enabled: bool = True


@dataclass(frozen=True)
class Watching:
    """The breakpoints and watches of a run."""

    breakpoints: tuple[Breakpoint, ...] = ()
    watches: tuple[str, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        return {"breakpoints": [asdict(each) for each in self.breakpoints], "watches": list(self.watches)}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """The inverse of `as_json`. Raises KeyError, TypeError or ValueError for other content."""
        breakpoints = [Breakpoint(str(each["expression"]), bool(each["enabled"])) for each in content["breakpoints"]]
        return cls(tuple(breakpoints[:MOST]), tuple(str(each) for each in content["watches"])[:MOST])


def load(files: RunFiles) -> Watching:
    """The breakpoints and watches of a run; none if the file is missing or cannot be read."""
    try:
        return Watching.from_json(json.loads(files.watching.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError):
        return Watching()


def save(files: RunFiles, watching: Watching) -> None:
    """Save them with the run. Raises CannotWrite."""
    write_atomically(files.watching, json.dumps(watching.as_json(), indent=1).encode())
