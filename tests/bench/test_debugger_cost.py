"""The debugger's cost for training the default template: when unused, with armed breakpoints, and with snapshots.

Training with and without alternate round by round in one process on one thread, and CPU time is compared, so that other
programs do not count. A test fails only if its bound is outside the measured range.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from pipeline.conditions.armed import ArmedCondition
from pipeline.conditions.expression import parse
from pipeline.inspection.rewind import Rewind
from pipeline.nodes.assemble import assemble
from pipeline.studio import workflows
from pipeline.training.trainer import Trainer

pytestmark = [pytest.mark.long, pytest.mark.speed]

ROUNDS, MOST_ROUNDS, STEPS = 7, 36, 6
EVERY = 12
"""Steps from one snapshot to the next."""
CONDITIONS = ("D_real > 0.99999 and G_grad_norm < 1e-9", "mean(D_loss, 100) > 1e6", "isnan(G_loss)")


@pytest.fixture
def trainer(tmp_path: Path) -> Iterator[Trainer]:
    """A trainer of the default template, after its first steps, which are slower."""
    threads = torch.get_num_threads()
    trainer = Trainer.fresh(assemble(workflows.open_template("dcgan"), tmp_path))
    torch.set_num_threads(1)
    trainer.slice(8, seconds=60)
    yield trainer
    torch.set_num_threads(threads)


def compared(plain: Callable[[], object], other: Callable[[], object], at_most: float) -> tuple[float, float]:
    """CPU time of `other` divided by that of `plain`: the median of the rounds and its standard error.

    While the median is above `at_most`, rounds are added, up to MOST_ROUNDS: a machine that is busy with other things
    makes single rounds slow, and more rounds make the median certain.
    """
    ratios: list[float] = []
    while len(ratios) < ROUNDS or (len(ratios) < MOST_ROUNDS and statistics.median(ratios) > at_most):
        spent = []
        for work in (plain, other, other, plain):
            begun = time.process_time()
            work()
            spent.append(time.process_time() - begun)
        ratios.append((spent[1] + spent[2]) / (spent[0] + spent[3]))
    return statistics.median(ratios), 1.25 * statistics.stdev(ratios) / len(ratios) ** 0.5


def test_armed_breakpoints_cost_at_most_five_percent(trainer: Trainer) -> None:
    armed = [ArmedCondition(parse(text, trainer.experiment.series)) for text in CONDITIONS]

    def watch(step: int, values: object) -> bool:
        verdicts = [each.next(step, values) for each in armed]  # type: ignore[arg-type]
        return any(verdict.holds for verdict in verdicts)

    ratio, error = compared(
        lambda: trainer.slice(STEPS, seconds=60), lambda: trainer.slice(STEPS, seconds=60, watch=watch), 1 / 0.95
    )
    print(f"\nthree armed breakpoints: {ratio:.3f} ± {error:.3f} of the time without")
    assert ratio - 2 * error <= 1 / 0.95


def test_snapshots_for_rewinding_cost_little(trainer: Trainer) -> None:
    rewind = Rewind(trainer, first=0)

    def remembering() -> None:
        rewind.remember()
        trainer.slice(EVERY, seconds=60)

    ratio, error = compared(lambda: trainer.slice(EVERY, seconds=60), remembering, 1.05)
    print(f"\na snapshot every {EVERY} steps: {ratio:.3f} ± {error:.3f} of the time without")
    assert ratio - 2 * error <= 1.05


def test_a_trainer_without_probes_is_as_fast_as_a_loop_over_its_operations(trainer: Trainer) -> None:
    """The loop runs the same operations and nothing else: no stages, no metric rows, no timing."""
    state, experiment = trainer.state, trainer.experiment

    def bare_loop() -> None:
        for _ in range(STEPS):
            for update in experiment.updates:
                made: dict[str, torch.Tensor] = {}
                for operation in update.operations:
                    made.update(operation.run(state, made))
                state.average(0.99, update.roles)
            state.step += 1

    ratio, error = compared(bare_loop, lambda: trainer.slice(STEPS, seconds=60), 1.02)
    print(f"\nthe trainer with probes off: {ratio:.3f} ± {error:.3f} of a bare loop's time")
    assert ratio - 2 * error <= 1.02
