"""Training beside an evaluation of the same machine; `tests/bench/test_evaluation_cost.py` measures what it costs."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from pipeline.graph import edit
from pipeline.nodes.catalogue import NODES
from pipeline.runs import metrics
from pipeline.runs.store import Store
from pipeline.runs.system_series import OF_THE_MACHINE
from pipeline.runtime.handle import TrainerHandle
from pipeline.runtime.messages.evaluation_commands import Evaluate, StopEvaluation
from pipeline.studio import workflows
from pipeline.studio.run import training

WaitFor = Callable[..., None]
SMALL = (
    "data.dataset=digits", "generator.image_size=8", "generator.hidden=16", "discriminator.hidden=16",
    "training.batch_size=8", "samples.count=4", "training.total_steps=1000000", "training.device=cpu",
)  # fmt: skip


@pytest.fixture
def engines(home: Path, wait_for: WaitFor) -> Iterator[tuple[TrainerHandle, TrainerHandle]]:
    """The training engine and the evaluation engine."""
    trainer, evaluator = TrainerHandle(home), TrainerHandle(home, role="evaluate")
    wait_for(lambda: trainer.snapshot.engine == evaluator.snapshot.engine == "ready")
    yield trainer, evaluator
    trainer.close()
    evaluator.close()


def test_training_keeps_its_numbers_beside_an_evaluation(
    home: Path, engines: tuple[TrainerHandle, TrainerHandle], wait_for: WaitFor
) -> None:
    trainer, evaluator = engines
    workflow = edit.apply_settings(workflows.open_template("mlp-gan"), SMALL, NODES)

    def trained() -> str:
        run = training.start(trainer, workflow, "Ada", switch=True)
        wait_for(lambda: trainer.snapshot.step > 60)
        training.pause(trainer, trainer.snapshot, "Ada")
        return run

    alone = trained()
    evaluator.ask(Evaluate(run=alone, count=50_000, seed=0, device="cpu"))
    wait_for(lambda: any(each.doing == "Drawing images" for each in evaluator.snapshot.evaluations))
    beside = trained()
    assert any(each.run == alone and not each.error for each in evaluator.snapshot.evaluations)
    evaluator.ask(StopEvaluation(run=alone))
    with Store(home) as store:
        one, other = (_losses(store, each) for each in (alone, beside))
    common = min(len(one), len(other))
    assert common > 60
    np.testing.assert_array_equal(one[:common], other[:common])


def _losses(store: Store, run: str) -> np.ndarray:
    """What a run recorded at each step, without what it took of the machine."""
    kept = [place for place, name in enumerate(metrics.names(store, run)) if name not in OF_THE_MACHINE]
    return np.concatenate([values for _, values in metrics.rows(store, run)])[:, kept]
