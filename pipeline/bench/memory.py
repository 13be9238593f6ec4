"""Whether training takes ever more memory: the slope of a process's resident memory over 20,000 steps."""

from collections.abc import Sequence
from statistics import linear_regression

from pipeline.bench.declaration import Aim, Measurement, Row, Values, Workbench
from pipeline.bench.processes import answer_of

STEPS, QUICK_STEPS = 20_000, 200
SETTLED = 0.25
"""The share of the steps after which everything that a run allocates once is there."""
ROW = "memory"


def measure(bench: Workbench) -> Values:
    steps = QUICK_STEPS if bench.effort.quick else STEPS
    bench.say(f"trains {steps:,} steps of a small network")
    home = bench.folder / "home"
    seen = answer_of(["-m", "pipeline.bench.small_run", str(steps)], home)
    return {ROW: [slope(seen["steps"], seen["bytes"])]}


def slope(steps: Sequence[int], taken: Sequence[int]) -> float:
    """Kilobytes per 1,000 steps: the line with the least squared distance from the memory after each slice of training,
    in the steps after the first quarter. 0 with fewer than two slices there."""
    late = [(step, each) for step, each in zip(steps, taken, strict=True) if step >= SETTLED * steps[-1]]
    return linear_regression(*zip(*late, strict=True)).slope if len(late) > 1 else 0.0


MEMORY = Measurement(
    name=ROW,
    rows=(Row(ROW, "growth of memory over 20,000 steps of a small network, each 1,000", Aim("at most", 50), "kB"),),
    seconds=80.0,
    measure=measure,
)
