"""Training beside an evaluation of the same machine; `tests/bench/test_evaluation_cost.py` measures what it costs."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from pipeline.graph.workflow import Workflow
from pipeline.runs.series import CLOCKS, names_of
from pipeline.runtime.handle import TrainerHandle
from pipeline.runtime.messages.evaluation_commands import Evaluate, StopEvaluation
from pipeline.studio.run import training
from tests.engine.conftest import recorded

WaitFor = Callable[..., None]


@pytest.fixture
def evaluator(shared_home: Path, wait_for: WaitFor) -> Iterator[TrainerHandle]:
    """The evaluation engine."""
    handle = TrainerHandle(shared_home, role="evaluate")
    wait_for(lambda: handle.snapshot.engine == "ready")
    yield handle
    handle.close()


def test_training_keeps_its_numbers_beside_an_evaluation(
    shared_home: Path,
    trainer: TrainerHandle,
    evaluator: TrainerHandle,
    small: Callable[..., Workflow],
    wait_for: WaitFor,
) -> None:
    def trained() -> str:
        run = training.start(trainer, small("training.total_steps=300", "training.device=cpu"), "Ada", switch=True)
        wait_for(lambda: trainer.snapshot.state == "finished")
        return run

    alone = trained()
    evaluator.ask(Evaluate(run=alone, count=50_000, device="cpu"))
    wait_for(lambda: any(each.doing == "Drawing images" for each in evaluator.snapshot.evaluations))
    beside = trained()
    assert any(each.run == alone and not each.error for each in evaluator.snapshot.evaluations)
    evaluator.ask(StopEvaluation(run=alone))
    one, other = recorded(shared_home, alone), recorded(shared_home, beside)
    assert one.keys() == other.keys()
    for name in one.keys() - {*names_of(CLOCKS)}:
        np.testing.assert_array_equal(one[name], other[name], name)
