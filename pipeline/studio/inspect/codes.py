"""Show how the loaded run encodes images: reconstructions, and latent codes plotted in two dimensions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pipeline.runtime.handle import TrainerHandle
from pipeline.runtime.messages.answers import Reconstruction
from pipeline.runtime.messages.commands import LookAtCodes
from pipeline.runtime.messages.snapshot import Snapshot

SECONDS = 60.0

GROUPS = {"held-out": "Held-out images", "real": "Training images"}
PLANES = {"variance": "Highest variance", "components": "Principal components"}


@dataclass(frozen=True)
class PlaneChart:
    """Codes in two dimensions. points: columns x, y and class. axes: the labels of x and y."""

    points: pa.Table
    axes: tuple[str, str]


@dataclass(frozen=True)
class CodesPage:
    """The result after `step` steps. groups: images, by the keys of GROUPS. planes: plots, by the keys of PLANES."""

    step: int
    groups: Mapping[str, tuple[Reconstruction, ...]]
    planes: Mapping[str, PlaneChart]


def look_at_codes(
    trainer: TrainerHandle, snapshot: Snapshot, first: int, count: int, class_names: Sequence[str] = ()
) -> CodesPage:
    """Reconstruct images `first` to `first + count − 1` (from 1) of each set, and encode held-out images.

    class_names: names of the classes; classes without a name are shown by number. Training is unaffected. Raises
    CommandRefused (with the engine's message) or EngineGone.
    """
    view = trainer.ask(LookAtCodes(first=first, count=count, run=snapshot.run), SECONDS)
    classes = [class_names[label] if label < len(class_names) else str(label) for label in view.labels]
    planes = {
        name: PlaneChart(_table(plane.points, classes), _axes(plane.units, plane.shares))
        for name, plane in view.planes.items()
    }
    return CodesPage(view.step, view.groups, planes)


def mean_error(pairs: Sequence[Reconstruction]) -> float:
    """The root mean square error over all pairs."""
    return float(np.sqrt(np.mean([pair.error**2 for pair in pairs])))


def _table(points: Sequence[Sequence[float]], classes: Sequence[str]) -> pa.Table:
    x, y = np.asarray(points, np.float64).reshape(-1, 2).T
    return pa.table({"x": x, "y": y, "class": pa.array(classes, pa.string())})


def _axes(units: Sequence[int], shares: Sequence[float]) -> tuple[str, str]:
    names = [f"unit {unit}" for unit in units] or ["first component", "second component"]
    labels = [f"{name}, {100 * share:.0f} % of the variance" for name, share in zip(names, shares, strict=False)]
    first, second = [*labels, "no second unit"][:2]
    return first, second
