"""CPU time of conditions: breakpoints are evaluated after every step, watches over a whole run."""

import timeit
from time import process_time

import numpy as np
import pytest

from pipeline.conditions.armed import ArmedCondition
from pipeline.conditions.expression import parse

pytestmark = [pytest.mark.slow, pytest.mark.speed]

NAMES = ["D_real", "G_grad_norm", "D_loss"]
STEPS = 200_000

STEPWISE_SECONDS = 30e-6
WHOLE_SECONDS = 0.15


def test_an_armed_condition_costs_microseconds_per_step(promise):
    values = np.random.default_rng(0).random((5000, 3), np.float32).tolist()
    rows = [dict(zip(NAMES, row, strict=True)) for row in values]

    def watch():
        armed = ArmedCondition(parse("D_real > 0.05 and mean(G_grad_norm, 100) > 1e-3", NAMES))
        for step, row in enumerate(rows):
            armed.next(step, row)

    cost = min(timeit.repeat(watch, timer=process_time, number=1, repeat=5)) / len(rows)
    promise("an armed condition after a step", cost, STEPWISE_SECONDS)


@pytest.mark.parametrize("n", [1, 1000, 10_000])
def test_a_watch_over_a_long_run_is_evaluated_fast(n, promise):
    values = np.random.default_rng(0).random(STEPS, np.float32)
    expression = parse(f"mean(D_loss, {n})", NAMES)
    steps = np.arange(1, STEPS + 1)
    cost = min(
        timeit.repeat(lambda: expression.values({"D_loss": values}, steps), timer=process_time, number=1, repeat=5)
    )
    promise(f"a watch with a mean of {n:,} over {STEPS:,} steps", cost, WHOLE_SECONDS)
