"""What a run that was interrupted lacks, or has twice, compared with one that was not."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image
from sqlalchemy import func, select

from pipeline.runs import metrics, point_series, schema
from pipeline.runs.store import Store
from pipeline.runs.system_series import SYSTEM_NAMES


def lost_points(store: Store, whole: str, run: str) -> int:
    """Points and grids that only one of the two runs has, or that have another value; blocks that overlap."""
    points, found = (list(_points(store, each)) for each in (whole, run))
    grids = [dict(store.files(each).grids()) for each in (whole, run)]
    other = sum(not _same_pixels(grids[0][step], grids[1][step]) for step in grids[0].keys() & grids[1].keys())
    return len(set(points) ^ set(found)) + abs(len(points) - len(found)) + len(set(grids[0]) ^ set(grids[1])) + other


def _points(store: Store, run: str) -> Iterator[tuple[str, int, bytes]]:
    """(series, step, value as bytes) of all that is recorded, without what training took of the machine, and without
    the values of clocks."""
    names = metrics.names(store, run)
    measured = point_series.read(store, run, [name for name in names if name not in SYSTEM_NAMES])
    for name, points in measured.items():
        yield from ((name, int(step), value.tobytes()) for step, value in zip(points.steps, points.values, strict=True))
    for steps, table in metrics.rows(store, run):
        for column, name in enumerate(names):
            if name not in measured and name not in SYSTEM_NAMES:
                values = np.zeros_like(table[:, column]) if name in metrics.CLOCK_SERIES else table[:, column]
                yield from ((name, int(step), value.tobytes()) for step, value in zip(steps, values, strict=True))
    blocks, series = schema.metric_blocks, schema.series
    with store.database.reading() as connection:
        stored = select(func.sum(blocks.c.points)).join_from(blocks, series).where(series.c.run == run)
        yield "all blocks", 0, str(connection.execute(stored).scalar_one()).encode()


def _same_pixels(one: Path, other: Path) -> bool:
    with Image.open(one) as first, Image.open(other) as second:
        return first.size == second.size and first.tobytes() == second.tobytes()
