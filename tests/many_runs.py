"""Many stored runs, made at once, for tests of how lists of runs scale."""

from typing import Any

import numpy as np
from sqlalchemy import Table, insert

from pipeline.runs import schema
from pipeline.runs.blocks import columns_of as block_columns
from pipeline.runs.points import Points
from pipeline.runs.points import columns_of as point_columns
from pipeline.runs.store import Store


def make_many(store: Store, runs: int, series: int) -> None:
    """Runs with workflows as long as those of a GAN; every fourth series is measured at some steps only."""
    random = np.random.default_rng(0)
    block = [{"first_step": 1, **block_columns(1, random.normal(size=100).astype(np.float32))} for _ in range(97)]
    points = [point_columns(Points(np.arange(10), random.normal(size=10).astype(np.float32))) for _ in range(97)]
    ids = [f"20260101-{number:06d}-00000000" for number in range(runs)]
    record = {
        "state": "paused", "total_steps": 100, "updated": 0.0, "workflow_text": "x" * 3000, "device": "cpu", "seed": 0,
        "batch_size": 64, "train_images": 100, "seconds": 1.0, "images_per_second": 1.0, "who": "Ada",
        "template": "dcgan", "images": "mnist-5k",
    }  # fmt: skip
    names = [
        (number, run, f"m{each}") for run in range(runs) for each in range(series) for number in (run * series + each,)
    ]
    measured = {number for number, _, name in names if int(name[1:]) % 4 == 1}
    rows: dict[Table, list[dict[str, Any]]] = {
        schema.runs: [
            record | {"id": run, "name": f"run {at}", "step": at, "created": at} for at, run in enumerate(ids)
        ],
        schema.tags: [{"run": run, "tag": f"tag {at % 7}"} for at, run in enumerate(ids)],
        schema.series: [{"id": number, "run": ids[run], "name": name} for number, run, name in names],
        schema.metric_blocks: [{"series": at, **block[at % 97]} for at, *_ in names if at not in measured],
        schema.measurement_blocks: [{"series": at, **points[at % 97]} for at, *_ in names if at in measured],
    }
    with store.database.writing() as connection:
        for table, values in rows.items():
            connection.execute(insert(table), values)
