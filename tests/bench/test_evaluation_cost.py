"""Training keeps at least 0.8 of its speed while the evaluation engine works on the same two cores.

Rounds with and without an evaluation alternate, so that other load on the machine affects both; the mean share of speed
is given with twice its standard error. The test fails only if the bound is above that whole range.
"""

import time
from collections.abc import Callable, Iterator
from math import sqrt
from pathlib import Path
from statistics import mean, stdev

import pytest

from pipeline.graph import edit
from pipeline.nodes.catalogue import NODES
from pipeline.runtime.handle import TrainerHandle
from pipeline.runtime.messages.evaluation_commands import Evaluate, StopEvaluation
from pipeline.studio import workflows
from pipeline.studio.run import training

pytestmark = [pytest.mark.long, pytest.mark.speed]

ROUNDS = 4
SECONDS = 3.5
KEPT = 0.8
SETTINGS: tuple[str, ...] = ("training.total_steps=1000000", "samples.every=1000000", "training.device=cpu")


@pytest.fixture
def engines(home: Path, wait_for: Callable[..., None]) -> Iterator[tuple[TrainerHandle, TrainerHandle]]:
    """The training engine and the evaluation engine."""
    trainer, evaluator = TrainerHandle(home), TrainerHandle(home, role="evaluate")
    wait_for(lambda: trainer.snapshot.engine == evaluator.snapshot.engine == "ready")
    yield trainer, evaluator
    trainer.close()
    evaluator.close()


@pytest.mark.timeout(600)
def test_training_keeps_its_speed_beside_an_evaluation(
    engines: tuple[TrainerHandle, TrainerHandle],
    wait_for: Callable[..., None],
    record_property: Callable[[str, object], None],
) -> None:
    trainer, evaluator = engines
    workflow = edit.apply_settings(workflows.open_template("dcgan"), SETTINGS, NODES)
    alone = training.start(trainer, workflow, "Ada")
    wait_for(lambda: trainer.snapshot.step > 60)
    training.pause(trainer, trainer.snapshot, "Ada")
    training.start(trainer, workflow, "Ada", switch=True)
    shares = []
    for number in range(ROUNDS):
        plain = _speed(trainer)
        # Another seed each time, so that images are drawn and described again.
        evaluator.ask(Evaluate(run=alone, count=50_000, seed=number, device="cpu"))
        wait_for(lambda: any(each.doing == "Drawing images" for each in evaluator.snapshot.evaluations))
        shares.append(_speed(trainer) / plain)
        while evaluator.snapshot.evaluations:
            evaluator.ask(StopEvaluation(run=alone))
            time.sleep(0.3)
    training.pause(trainer, trainer.snapshot, "Ada")
    error = 2 * stdev(shares) / sqrt(len(shares))
    record_property("share of speed", f"{mean(shares):.3f} ± {error:.3f}")
    print(f"\nSpeed beside an evaluation: {mean(shares):.3f} ± {error:.3f} of that without ({len(shares)} rounds)")
    assert mean(shares) + error >= KEPT


def _speed(trainer: TrainerHandle) -> float:
    """Steps per second, over some seconds."""
    time.sleep(0.5)
    step, begun = trainer.snapshot.step, time.perf_counter()
    time.sleep(SECONDS)
    return (trainer.snapshot.step - step) / (time.perf_counter() - begun)
