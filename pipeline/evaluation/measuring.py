"""Measure one metric and its floor, as the result that is kept."""

import math
import time

from pipeline.metrics.signature import Images, Measured, Metric, Need, Sets, Unmeasurable
from pipeline.runs.evaluations import Result

MISSING: dict[Need, str] = {
    "features": "It needs features of the images.",
    "pixels": "It needs the pixels of the images.",
    "classes": "The network of the features tells no classes apart: choose digits or own as features.",
    "trained": "It shows copies of the images that a run was trained on, and these are others.",
    "scores": "The run has no network that scores images, or its images are not compared with its own set.",
    "reconstructions": "The run does not encode images, or its images are not compared with its own set.",
}


def applies(metric: Metric, sets: Sets) -> bool:
    """Whether these sets have what the metric reads."""
    return not _missing(metric, sets)


def measured(metric: Metric, sets: Sets) -> Result:
    """The value of a metric with its floor; or why it has none."""
    begun = time.perf_counter()
    if missing := _missing(metric, sets):
        return Result(None, reason=MISSING[missing[0]])
    try:
        found = metric.of(sets)
    except Unmeasurable as error:
        return Result(None, reason=str(error))
    if not math.isfinite(found.value):
        return Result(None, reason="Its value is not a finite number: the images cannot be compared in this way.")
    return Result(
        found.value, found.low, found.high, _floor(metric, sets), found.generated, found.real,
        details={name: value for name, value in found.details.items() if math.isfinite(value)},
        seconds=time.perf_counter() - begun,
    )  # fmt: skip


def _floor(metric: Metric, sets: Sets) -> float | None:
    try:
        floor: Measured = metric.of(sets.floor(metric.floor))
    except Unmeasurable:
        return None
    return floor.value if math.isfinite(floor.value) else None


def _missing(metric: Metric, sets: Sets) -> list[Need]:
    """What the metric reads and the sets do not have. Reconstructions are those of real images."""
    return sorted(need for need in metric.needs if not _has(sets, need))


def _has(sets: Sets, need: Need) -> bool:
    if need == "reconstructions":
        return sets.held_out.reconstructions is not None
    if need == "trained":
        return sets.trained
    field = "probabilities" if need == "classes" else need
    compared: tuple[Images, ...] = (sets.generated, sets.held_out)
    return all(getattr(images, field) is not None for images in compared)
