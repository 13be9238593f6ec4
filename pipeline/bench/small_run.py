"""A program that trains a small network for many steps, as `train` does, and prints how its memory grew.

    python -m pipeline.bench.small_run STEPS

The last line is a JSON object: `steps`, and `bytes`, the resident memory of the process after each slice of training
that ended there. As `train` does, it records to the home's store, draws sample grids, and keeps no snapshots in memory,
which the dashboard does within a limit that users set.
"""

import json
import sys

import psutil

from pipeline.engine.launching import start
from pipeline.graph import edit
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.checked_workflow import check_workflow
from pipeline.runs.home import home
from pipeline.runs.store import Store
from pipeline.studio.workflows import open_template

SETTINGS = (
    "data.dataset=digits", "decoder.image_size=8", "encoder.hidden=16", "decoder.hidden=16",
    "training.batch_size=8", "training.threads=1", "samples.count=4", "samples.every=1000",
)  # fmt: skip


def main(steps: int) -> None:
    settings = (*SETTINGS, f"training.total_steps={steps}", "training.device=cpu")
    workflow = edit.apply_settings(open_template("autoencoder"), settings, NODES)
    process, seen = psutil.Process(), dict[int, int]()
    with Store(home()) as store:
        run = start(store, check_workflow(workflow), "")
        run.rewind.set_budget(0)
        while run.step < steps:
            run.advance(steps, lambda: False)
            seen[run.step] = process.memory_info().rss
        run.close()
    print(json.dumps({"steps": list(seen), "bytes": list(seen.values())}))  # noqa: T201 - its answer


if __name__ == "__main__":
    main(int(sys.argv[1]))
