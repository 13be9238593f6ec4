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

TEMPLATE = "autoencoder"
SMALL = {
    "dataset": "digits", "image_size": 8, "hidden": 16, "batch_size": 8, "threads": 1, "device": "cpu", "count": 4,
    "every": 1000,
}  # fmt: skip
"""Parameters, of whichever nodes have them, with which a step takes as little time as it can."""


def main(steps: int) -> None:
    template, small = open_template(TEMPLATE), {**SMALL, "total_steps": steps}
    settings = [
        f"{node_id}.{name}={value}"
        for node_id, node in template.nodes.items()
        for name, value in small.items()
        if name in node.inputs
    ]
    workflow = edit.apply_settings(template, settings, NODES)
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
