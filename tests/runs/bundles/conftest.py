"""Fixtures: a run with everything that a home keeps, and homes as text that can be compared."""

from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import insert, select

from pipeline.runs import evaluations, metrics, periodic, point_series, schema, watching
from pipeline.runs.evaluations import Evaluation, Result, Way
from pipeline.runs.periodic import Best, Periodic
from pipeline.runs.store import RunRecord, Store
from pipeline.runs.watching import Watching

NewRun = Callable[..., RunRecord]
WAY = Way("ema", 0, 100, "digits", "aa", "Digits", "0123456789ab", "bilinear to 28×28")


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Store]:
    """The store of another, empty home."""
    home = tmp_path / "other"
    home.mkdir()
    with Store(home, f"sqlite:///{home}/genscope.sqlite") as store:
        yield store


@pytest.fixture
def run(store: Store, new_run: NewRun) -> RunRecord:
    """5,000 steps with a gap in a series, measurements, events, a tag, three checkpoints (the second is the best), a
    grid, watches, an evaluation, and what does not go into a bundle."""
    record = new_run(name="digits", data={"images": 5, "names": ["0", "1"]}, threads=3)
    run, files = record.id, store.files(record.id)
    values = np.random.default_rng(0).standard_normal((5000, 2), np.float32)
    values[7, 1] = np.nan
    point_series.record(store, run, 0, {"diversity": 0.5})
    metrics.append(store, run, 1, ["D_loss", "seconds"], values)
    for step in range(1, 1200):
        point_series.record(store, run, 4 * step, {"diversity": step / 7}) if step > 1190 or step < 3 else None
    store.add_event(run, 3, "parameter changed", "rate changed", "Ada", {"parameter": "rate", "from": 1.0, "to": 0.5})
    store.update(run, step=5000, seconds=12.5, note="the good one", state="finished")
    with store.database.writing() as connection:
        connection.execute(insert(schema.tags), [{"run": run, "tag": "paper"}])
    for step in (0, 2000, 5000):
        folder = files.checkpoint_folder(step)
        folder.mkdir(parents=True)
        (folder / "weights.safetensors").write_bytes(bytes(range(256)) * step)
        (folder / "state.json").write_text(f'{{"step": {step}}}')
    files.save_grid(5000, b"a picture")
    watching.save(files, Watching(watches=("D_loss",)))
    periodic.save(files, Periodic(best=Best("kid", 2000, 0.1)))
    evaluations.save(files, Evaluation(run, 5000, WAY, 10, 100, True, {"kid": Result(0.5)}))
    for name in ("lock", "pause.json", ".0.partial", "tensorboard", "my notes.txt"):
        (files.folder / name).write_text("of a process")
    return store.run(run)


def rows(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables but the queue, without the numbers that databases give to rows."""
    names = {}
    with store.database.reading() as connection:
        found: dict[str, list[tuple[object, ...]]] = {}
        for row in connection.execute(select(schema.series)):
            names[row.id] = (row.run, row.name)
        for table in (schema.runs, schema.tags, schema.events, schema.metric_blocks, schema.measurement_blocks):
            columns = [column for column in table.c if column.name not in ("id", "series") or table is schema.runs]
            series = [table.c.series] if "series" in table.c else []
            order = list(table.primary_key.columns)
            read = connection.execute(select(*series, *columns).order_by(*order)).all()
            found[table.name] = [
                (names[row[0]], *map(repr, row[1:])) if series else tuple(map(repr, row)) for row in read
            ]
    return {name: sorted(each) if "blocks" in name else each for name, each in found.items()}


def contents(folder: Path) -> dict[str, str]:
    """The hash of every file in a folder, by path."""
    return {
        path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
