"""The data of a stage for tables, charts and pictures. `stage_text.py` describes the stage in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from math import isfinite

import numpy as np
import pyarrow as pa
import pyarrow.compute
from numpy.typing import NDArray
from PIL import Image

from pipeline.families.shared_words import loss_terms, penalty_weight
from pipeline.formatting import number
from pipeline.runtime.messages.snapshot import StageSnapshot

MARGIN = 2
"""Transparent pixels on each side of an image, to keep neighbours apart."""
ROOM = 470
"""Width in pixels for a row of images, on a small screen."""
ROWS, SCORED_ROWS = 3, 2
"""Number of rows of images to show, without and with scores."""
SMALLEST, LARGEST = 56, 116
"""Minimal and maximal width of an image, in pixels."""
MOST_DIMENSIONS = 128
"""Number of dimensions of a latent vector that the chart shows."""
BINS = 20


@dataclass(frozen=True)
class Tiles:
    """Images to show one by one. pngs: PNG files with a transparent margin. width: width of each, in pixels. columns:
    images per row.

    captions: what to show under each, such as its score; () for nothing. title: what they are, if the stage says.
    """

    pngs: tuple[bytes, ...]
    width: int
    columns: int
    captions: tuple[str, ...]
    title: str = ""


def tiles(images: Sequence[bytes], stage: StageSnapshot) -> tuple[Tiles, ...]:
    """As many of the stage's images as fit: all that it made, with their scores if there are any, or row by row."""
    if not stage.rows:
        return (_tiles(images, SCORED_ROWS if stage.scores else ROWS, _score_captions(stage)),)
    each = len(images) // len(stage.rows)
    lines = 1 if len(stage.rows) > 1 else SCORED_ROWS if stage.labels else ROWS
    last = len(stage.rows) - 1
    return tuple(
        _tiles(images[row * each : (row + 1) * each], lines, stage.labels if row == last else (), title)
        for row, title in enumerate(stage.rows)
    )


def _tiles(images: Sequence[bytes], lines: int, captions: Sequence[str], title: str = "") -> Tiles:
    if not images:
        return Tiles((), SMALLEST, 1, (), title)
    with Image.open(BytesIO(images[0])) as first:
        natural = first.width
    width = min(LARGEST, max(SMALLEST, natural)) + 2 * MARGIN
    columns = ROOM // width
    shown = images[: columns * lines]
    margin = round(MARGIN * natural / (width - 2 * MARGIN))
    pngs = tuple(_with_margin(png, margin) for png in shown)
    return Tiles(pngs, width, columns, tuple(captions[: len(shown)]), title)


def score_table(stage: StageSnapshot, probability: bool) -> pa.Table:
    """Histogram of the scores: columns low, high (of a bin) and images (count). Leaves out NaN and infinities."""
    scores = np.array([score for score in stage.scores if isfinite(score)])
    return _histogram(scores, (0.0, 1.0) if probability else None)


def number_chart_table(stage: StageSnapshot) -> pa.Table:
    """The numbers of each image for a chart: columns image (from 1), and x, y: the first two of them. With one only, a
    histogram of it: columns low, high (of a bin) and images (count). Leaves out NaN and infinities."""
    x, *others = (np.array(each, np.float64) for each in stage.numbers.values())
    if not others:
        return _histogram(x[np.isfinite(x)])
    sound = np.isfinite(x) & np.isfinite(others[0])
    return pa.table({"image": np.flatnonzero(sound) + 1, "x": x[sound], "y": others[0][sound]})


def number_table(stage: StageSnapshot) -> pa.Table:
    """The numbers of each image of the batch: Image (from 1), then a column for each number."""
    count = max((len(each) for each in stage.numbers.values()), default=0)
    return pa.table({"Image": np.arange(1, count + 1)} | {name: _column(each) for name, each in stage.numbers.items()})


def latent_table(stage: StageSnapshot) -> pa.Table:
    """The latents: columns vector, dimension (both from 1) and value, for the first `MOST_DIMENSIONS` dimensions."""
    values = np.array(stage.latents, np.float32).reshape(len(stage.latents), -1)[:, :MOST_DIMENSIONS]
    vectors, dimensions = np.indices(values.shape).reshape(2, -1) + 1
    return pa.table({"vector": vectors, "dimension": dimensions, "value": values.ravel()})


def loss_table(stage: StageSnapshot, terms: Mapping[str, str], live: Mapping[str, float]) -> dict[str, list[str]]:
    """The terms of a loss, or a penalty, its weight and its contribution; the total last. Columns Term and Value.

    Empty if the stage has neither. terms: display names of the loss terms, by name.
    """
    loss, found = loss_terms(stage)
    if loss:
        rows = [(terms.get(name, name), value) for name, value in found.items()] + [(loss, stage.values[loss])]
    else:
        rows = list(stage.values.items())
        weight = penalty_weight(stage, live)
        if stage.name == "penalty" and rows and weight is not None:
            metric, value = rows[0]
            rest = sorted(rows[1:], key=lambda row: row[0].endswith("_loss"))
            rows = [rows[0], (f"weight of {metric}", weight), (f"{metric}, weighted", weight * value), *rest]
    return {"Term": [name for name, _ in rows], "Value": [number(value) for _, value in rows]}


def gradient_table(stage: StageSnapshot) -> pa.Table:
    """Name, shape, gradient norm and weight norm of each tensor, in the network's order."""
    rows = stage.parameters
    return pa.table(
        {
            "Weights": pa.array([row["name"] for row in rows], pa.string()),
            "Shape": pa.array(["×".join(str(side) for side in row["shape"]) for row in rows], pa.string()),
            "Gradient norm": _column([row["gradient"] for row in rows]),
            "Weight norm": _column([row["weight"] for row in rows]),
        }
    )


def update_table(stage: StageSnapshot) -> pa.Table:
    """Name, weight norm, update norm and their ratio for each tensor, in the network's order.

    The ratio is null for tensors that are all zero.
    """
    rows = stage.parameters
    ratios = [row["update"] / row["weight"] if row["update"] is not None and row["weight"] else None for row in rows]
    return pa.table(
        {
            "Weights": pa.array([row["name"] for row in rows], pa.string()),
            "Weight norm": _column([row["weight"] for row in rows]),
            "Update norm": _column([row["update"] for row in rows]),
            "Ratio": _column(ratios),
        }
    )


def tensor_table(table: pa.Table, column: str) -> pa.Table:
    """One column of the two tables above for a chart with a logarithmic scale: columns name and value, only above 0."""
    named = table.select(["Weights", column]).rename_columns(["name", "value"])
    return named.filter(pa.compute.greater(named["value"], 0))


def _histogram(values: NDArray[np.float64], ends: tuple[float, float] | None = None) -> pa.Table:
    """Columns low, high (of a bin) and images (count) of finite values. ends: of the bins; None for those of the
    values."""
    low, high = ends or ((values.min(), values.max()) if len(values) else (0.0, 1.0))
    if low == high:
        low, high = low - 0.5, high + 0.5
    counts, edges = np.histogram(values, BINS, (low, high))
    return pa.table({"low": edges[:-1], "high": edges[1:], "images": counts})


def _column(values: Sequence[float | None]) -> pa.Array:
    return pa.array([value if value is not None and isfinite(value) else None for value in values], pa.float64())


def _score_captions(stage: StageSnapshot) -> tuple[str, ...]:
    # Scores may be any number. Fixed decimals line up below the images; large scores need another format.
    small = all(abs(score) < 100 for score in stage.scores)
    return tuple(f"{score:.3f}" if small else f"{score:.3g}" for score in stage.scores)


def _with_margin(png: bytes, margin: int) -> bytes:
    with Image.open(BytesIO(png)) as image:
        roomy = Image.new("RGBA", (image.width + 2 * margin, image.height + 2 * margin))
        roomy.paste(image.convert("RGBA"), (margin, margin))
    stream = BytesIO()
    roomy.save(stream, "PNG", compress_level=1)
    return stream.getvalue()
