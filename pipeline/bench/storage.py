"""How many bytes of the database a million recorded numbers take: float32 values, with the summaries for charts."""

import numpy as np

from pipeline.bench.declaration import Aim, Measurement, Row, Values, Workbench

SERIES, AT_ONCE = 10, 500
"""Series of a run, and steps that are recorded at once: those of half a second of training."""
POINTS, QUICK_POINTS = 1_000_000, 50_000
ROW = "storage"


def measure(bench: Workbench) -> Values:
    """Record random numbers, which no compression makes smaller, and weigh what the home's database grew by."""
    from pipeline.runs import metrics
    from pipeline.runs.store import Store

    points = QUICK_POINTS if bench.effort.quick else POINTS
    bench.say(f"records {points:,} numbers")
    random = np.random.default_rng(0)
    names = [f"series_{number}" for number in range(SERIES)]
    home = bench.folder / "home"
    home.mkdir()
    database = home / "genscope.sqlite"
    with Store(home, f"sqlite:///{database}") as store:
        run = store.create(
            name="storage", workflow_text="", device="cpu", seed=0, total_steps=points, batch_size=1, train_images=1,
            who="",
        )  # fmt: skip
    before = database.stat().st_size
    with Store(home, f"sqlite:///{database}") as store:
        for first in range(1, points // SERIES + 1, AT_ONCE):
            metrics.append(store, run.id, first, names, random.standard_normal((AT_ONCE, SERIES)))
    # A store that is closed leaves no log beside its file.
    return {ROW: [(database.stat().st_size - before) / points]}


STORAGE = Measurement(
    name=ROW,
    # 4 bytes of a number itself, and low, high and last of every 64 and of every 4,096.
    rows=(Row(ROW, "database file, for every million recorded numbers", Aim("at most", 5), "MB"),),
    seconds=5.0,
    measure=measure,
)
