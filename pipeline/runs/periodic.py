"""What a run knows of its periodic evaluation: its cost, how it measures, and the best checkpoint.

A small file in the run's folder; the values themselves are series (`point_series.py`). A fork begins without it.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from pipeline.runs.atomic_files import write_atomically
from pipeline.runs.files import RunFiles


@dataclass(frozen=True)
class Best:
    """The step at which a metric was best so far, whose checkpoint is kept, and its value."""

    metric: str
    step: int
    value: float


@dataclass(frozen=True)
class Periodic:
    """The periodic evaluation of a run.

    seconds: spent on it. times: evaluations made. begun: seconds of training before the first one of this run could be
    made. generated, held_out: how many images of each kind are compared. features: their name, hash and resize.
    floors: the value of each metric for real images in place of generated ones, by name. reasons: why metrics have no
    value, by name. best: None if none is kept.
    """

    seconds: float = 0.0
    times: int = 0
    begun: float = 0.0
    generated: int = 0
    held_out: int = 0
    features: str = ""
    floors: Mapping[str, float] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    best: Best | None = None

    def share(self, trained: float) -> float:
        """The share of the time that it took, 0 to 1. trained: seconds of training of the run, without it."""
        whole = self.seconds + max(0.0, trained - self.begun)
        return self.seconds / whole if whole else 0.0

    def as_dict(self, trained: float) -> dict[str, Any]:
        """All facts for `--json`, with the share of the time. trained: as for `share`."""
        return {**asdict(self), "share": self.share(trained)}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """The inverse of `asdict`. Raises KeyError, TypeError or ValueError for other content."""
        best = content["best"]
        return cls(
            float(content["seconds"]),
            int(content["times"]),
            float(content["begun"]),
            int(content["generated"]),
            int(content["held_out"]),
            str(content["features"]),
            {str(name): float(value) for name, value in content["floors"].items()},
            {str(name): str(reason) for name, reason in content["reasons"].items()},
            best and Best(str(best["metric"]), int(best["step"]), float(best["value"])),
        )


def load(files: RunFiles) -> Periodic | None:
    """The periodic evaluation of a run; None if there was none yet, or the file cannot be read."""
    try:
        return Periodic.from_json(json.loads(files.periodic.read_bytes()))
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None


def save(files: RunFiles, periodic: Periodic) -> None:
    """Save it with the run. Raises CannotWrite."""
    write_atomically(files.periodic, json.dumps(asdict(periodic), indent=1, allow_nan=False).encode())
