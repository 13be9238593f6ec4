"""The data of a stage as tables, charts and pictures take it. What happened, in words, is in `stages.py`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from math import isfinite, log10

import numpy as np
import pyarrow as pa
from PIL import Image

from pipeline.runtime.messages import StageSeen
from pipeline.studio.stages import TERMS, loss_terms, penalty_weight
from pipeline.wording import number

MARGIN = 2
"""Clear pixels on each side of an image, so that two in a row do not touch."""
ROOM = 480
"""Pixels that a row of images may take, on a small screen; `ROWS` of these rows are shown."""
ROWS = 3
SMALLEST, LARGEST = 56, 116
"""Pixels that an image is at least wide, and at most."""
MOST_DIMENSIONS = 128
"""Numbers of a latent vector that the picture shows."""
BINS = 20
FULL, EMPTY = 1.0, 1e-6
"""Update over weight, at which a bar is full and empty: a thousandth, the rule of thumb, is half of it."""
DECADES = 4
"""Factors of ten between the largest gradient, whose bar is full, and one whose bar is empty."""


@dataclass(frozen=True)
class Tiles:
    """Images to be shown one by one. pngs: with a clear margin. width: of each, in pixels. captions: score of each."""

    pngs: tuple[bytes, ...]
    width: int
    captions: tuple[str, ...]


def tiles(images: Sequence[bytes], stage: StageSeen) -> Tiles:
    """As many of the stage's images as three rows of a small screen hold, each with its score, if it was scored."""
    if not images:
        return Tiles((), SMALLEST, ())
    with Image.open(BytesIO(images[0])) as first:
        natural = first.width
    width = min(LARGEST, max(SMALLEST, natural)) + 2 * MARGIN
    shown = images[: ROWS * max(1, ROOM // width)]
    margin = round(MARGIN * natural / (width - 2 * MARGIN))
    return Tiles(tuple(_with_margin(png, margin) for png in shown), width, _score_captions(stage, len(shown)))


def score_table(stage: StageSeen, probability: bool) -> pa.Table:
    """How the scores are spread: columns low, high (of a bin) and images (how many). Infinite ones are left out."""
    scores = np.array([score for score in stage.scores if isfinite(score)])
    low, high = (0.0, 1.0) if probability or not len(scores) else (scores.min(), scores.max())
    if low == high:
        low, high = low - 0.5, high + 0.5
    counts, edges = np.histogram(scores, BINS, (low, high))
    return pa.table({"low": edges[:-1], "high": edges[1:], "images": counts})


def latent_table(stage: StageSeen) -> pa.Table:
    """The noise: columns vector, dimension (both from 1) and value, of the first `MOST_DIMENSIONS` dimensions."""
    values = np.array(stage.latents, np.float32).reshape(len(stage.latents), -1)[:, :MOST_DIMENSIONS]
    vectors, dimensions = np.indices(values.shape).reshape(2, -1) + 1
    return pa.table({"vector": vectors, "dimension": dimensions, "value": values.ravel()})


def loss_table(stage: StageSeen, live: Mapping[str, float]) -> dict[str, list[str]]:
    """The terms of a loss, or a penalty and what it adds, the total last: columns Term and Value; empty without one."""
    loss, terms = loss_terms(stage)
    if loss:
        rows = [(TERMS.get(name, name), value) for name, value in terms.items()] + [(loss, stage.values[loss])]
    else:
        rows = list(stage.values.items())
        weight = penalty_weight(stage, live)
        if stage.name == "penalty" and rows and weight is not None:
            metric, value = rows[0]
            rest = sorted(rows[1:], key=lambda row: row[0].endswith("_loss"))
            rows = [rows[0], (f"weight of {metric}", weight), (f"{metric}, weighted", weight * value), *rest]
    return {"Term": [name for name, _ in rows], "Value": [number(value) for _, value in rows]}


def gradient_table(stage: StageSeen) -> pa.Table:
    """Weights, shape, gradient and weight norm of each tensor, in the network's order; bar: 0 to 1, logarithmic."""
    rows = stage.parameters
    gradients = [row["gradient"] for row in rows]
    largest = max((norm for norm in gradients if norm and isfinite(norm)), default=1.0)
    return pa.table(
        _named(stage)
        | {
            "Gradient norm": _column(gradients),
            "bar": _column([_bar(norm, largest / 10**DECADES, largest) for norm in gradients]),
            "Weight norm": _column([row["weight"] for row in rows]),
        }
    )


def update_table(stage: StageSeen) -> pa.Table:
    """Weights, shape, weight and update norm, their ratio, in the network's order; bar: 0 to 1, logarithmic.

    A tensor of nothing but zeros has no ratio.
    """
    rows = stage.parameters
    ratios = [row["update"] / row["weight"] if row["update"] is not None and row["weight"] else None for row in rows]
    return pa.table(
        _named(stage)
        | {
            "Weight norm": _column([row["weight"] for row in rows]),
            "Update norm": _column([row["update"] for row in rows]),
            "Ratio": _column(ratios),
            "bar": _column([_bar(ratio, EMPTY, FULL) for ratio in ratios]),
        }
    )


def _named(stage: StageSeen) -> dict[str, pa.Array]:
    rows = stage.parameters
    shapes = ["×".join(str(side) for side in row["shape"]) for row in rows]
    return {
        "Weights": pa.array([row["name"] for row in rows], pa.string()),
        "Shape": pa.array(shapes, pa.string()),
    }


def _column(values: Sequence[float | None]) -> pa.Array:
    return pa.array([value if value is not None and isfinite(value) else None for value in values], pa.float64())


def _bar(value: float | None, empty: float, full: float) -> float | None:
    """How full a bar is: 0 at `empty` and below, 1 at `full` and above, by the logarithm between them."""
    if value is None or not isfinite(value):
        return None
    return 0.0 if value <= empty else min(1.0, log10(value / empty) / log10(full / empty))


def _score_captions(stage: StageSeen, count: int) -> tuple[str, ...]:
    # Three digits after the point line up below the images, whatever the score is; a critic's may be any number.
    small = all(abs(score) < 100 for score in stage.scores)
    return tuple(f"{score:.3f}" if small else f"{score:.3g}" for score in stage.scores[:count])


def _with_margin(png: bytes, margin: int) -> bytes:
    with Image.open(BytesIO(png)) as image:
        roomy = Image.new("RGBA", (image.width + 2 * margin, image.height + 2 * margin))
        roomy.paste(image.convert("RGBA"), (margin, margin))
    stream = BytesIO()
    roomy.save(stream, "PNG", compress_level=1)
    return stream.getvalue()
