"""Two processes that train one run together on two cores, against one process on one of them."""

import os

from pipeline.bench.declaration import Measurement, NotMeasured, Row, Values, Workbench
from pipeline.bench.processes import answer_of
from pipeline.bench.server import ROOT
from pipeline.studio.workflows import DEFAULT_TEMPLATE

STEPS, QUICK_STEPS, ROUNDS = 60, 4, 2
TOGETHER = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2")
ROW = "two ranks"


def measure(bench: Workbench) -> Values:
    """Train the same workflow alone and together, in turns. Raises NotMeasured on a single core."""
    if (os.cpu_count() or 1) < 2:
        raise NotMeasured("This machine has one core, which two processes would share.")
    quick = bench.effort.quick
    steps = QUICK_STEPS if quick else STEPS
    template = str(ROOT / "pipeline" / "templates" / f"{DEFAULT_TEMPLATE}.json")
    settings = ("training.threads=1", "training.device=cpu", "samples.every=1000")
    chosen = [word for setting in settings for word in ("--set", setting)]
    train = ("-m", "pipeline", "train", template, "--steps", str(steps), *chosen, "--json")
    found = []
    for number in range(1 if quick else ROUNDS):
        bench.say(f"trains alone and together in round {number + 1}")
        one = answer_of(train, bench.folder / "home")
        two = answer_of([*TOGETHER, *train], bench.folder / "home", {"OMP_NUM_THREADS": "1"})
        found.append(float(two["images_per_second"]) / float(one["images_per_second"]))
    return {ROW: found}


RANKS = Measurement(
    name="ranks",
    rows=(Row(ROW, "speed of two processes on two cores relative to one on one core"),),
    seconds=60.0,
    measure=measure,
)
