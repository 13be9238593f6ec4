"""What becomes of a run in which something goes wrong, in one process with the worker."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from pipeline.engine.worker import TrainingWorker
from pipeline.errors.base import Refusal
from pipeline.errors.machine import CannotWrite
from pipeline.graph import document
from pipeline.graph.workflow import Workflow
from pipeline.runs import metrics
from pipeline.runs.store import Store
from pipeline.runtime.messages import Command
from pipeline.training import checkpoint

Small = Callable[..., Workflow]


class Undisturbed:
    """In place of the service: nobody interrupts."""

    def interrupted(self) -> bool:
        return False


@pytest.fixture
def worker(home: Path) -> Iterator[TrainingWorker]:
    threads = torch.get_num_threads()
    worker = TrainingWorker(home, publish=lambda snapshot: None)
    yield worker
    worker.close()
    torch.set_num_threads(threads)


def start(worker: TrainingWorker, workflow: Workflow) -> None:
    worker.obey(Command("start", who="Ada", arguments={"workflow": document.write(workflow)}))


def advance(worker: TrainingWorker) -> None:
    worker.advance(Undisturbed())  # type: ignore[arg-type]


def train_chunk(worker: TrainingWorker, steps: int) -> None:
    worker.obey(Command("pause"))
    worker.obey(Command("chunk", arguments={"steps": steps}))
    while worker.busy:
        advance(worker)


def break_generator(worker: TrainingWorker) -> None:
    """From the next step on the generator has no weights to multiply with."""
    assert worker._run is not None
    worker._run.trainer.state.networks["generator"].register_forward_pre_hook(lambda *_: 1 / 0)


def test_a_node_that_fails_in_a_step_fails_its_run_by_name_and_the_run_resumes_from_its_checkpoint(
    worker: TrainingWorker, small: Small, home: Path
) -> None:
    start(worker, small())
    advance(worker)
    worker.obey(Command("save", who="Ada"))
    saved = worker.snapshot.step
    break_generator(worker)
    advance(worker)
    failed = worker.snapshot
    assert (failed.state, failed.active, failed.step) == ("failed", "generator", saved)
    assert "Node 'generator' failed" in failed.error and "division by zero" in failed.error
    with Store(home) as store:
        assert store.run(failed.run).error_node == "generator"
        assert store.events(failed.run)[-1].kind == "failed"
    with pytest.raises(Refusal, match="the run has failed"):
        worker.obey(Command("run", run=failed.run))
    worker.obey(Command("resume", who="Ada", arguments={"run": failed.run}))
    advance(worker)
    assert worker.snapshot.state == "running" and worker.snapshot.step > saved


def test_the_next_run_starts_after_one_that_failed(worker: TrainingWorker, small: Small) -> None:
    start(worker, small())
    break_generator(worker)
    advance(worker)
    start(worker, small())
    advance(worker)
    assert worker.snapshot.state == "running" and worker.snapshot.step > 0 and not worker.snapshot.error


def test_a_loss_that_is_no_number_any_more_fails_the_run_and_keeps_the_steps_before(
    worker: TrainingWorker, small: Small, home: Path
) -> None:
    start(worker, small())
    train_chunk(worker, 3)
    assert worker._run is not None
    with torch.no_grad():
        next(worker._run.trainer.state.networks["discriminator"].parameters()).fill_(torch.nan)
    worker.obey(Command("chunk", arguments={"steps": 3}))
    advance(worker)
    assert worker.snapshot.state == "failed"
    assert "became NaN or infinite at step 4" in worker.snapshot.error
    with Store(home) as store:
        assert metrics.history(store, worker.snapshot.run).points == 3


def test_a_full_disk_while_a_run_is_begun_fails_it_and_lets_it_go(
    worker: TrainingWorker, small: Small, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as full:

        def save(*_: object) -> None:
            raise CannotWrite("checkpoint", "no space left on device")

        full.setattr(checkpoint, "save", save)
        with pytest.raises(CannotWrite, match="no space left"):
            start(worker, small())
    with Store(home) as store:
        record = store.recent(1)[0]
        assert (record.state, store.reconcile()) == ("failed", [])
    start(worker, small())
    assert worker.snapshot.state == "running"


def test_a_damaged_checkpoint_is_passed_over_and_said(worker: TrainingWorker, small: Small, home: Path) -> None:
    start(worker, small())
    for _ in range(2):
        train_chunk(worker, 2)
        worker.obey(Command("save"))
    run = worker.snapshot.run
    worker.close()
    worker._run = None
    with Store(home) as store:
        newest = store.files(run).checkpoints()[-1][1]
        (newest / "weights.safetensors").write_bytes(b"not weights")
        again = TrainingWorker(home, publish=lambda snapshot: None)
        again.obey(Command("resume", arguments={"run": run}))
        assert again.snapshot.step == 2
        assert any("is damaged" in event.text for event in store.events(run))
        again.close()
