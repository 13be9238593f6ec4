"""The evaluation engine: it evaluates one run after another, tells how far it is, and ends when it has no work."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.engine import evaluation_queue, evaluation_worker, launching
from pipeline.engine.evaluation_worker import EvaluationWorker
from pipeline.errors.base import GenscopeError
from pipeline.errors.evaluation import EvaluationUnderWay
from pipeline.errors.messages import UnknownCommand
from pipeline.evaluation import device_choice
from pipeline.graph.workflow import Workflow
from pipeline.nodes.checked_workflow import check_workflow
from pipeline.runs.evaluations import load_all
from pipeline.runs.store import Store
from pipeline.runtime.messages.commands import Pause
from pipeline.runtime.messages.evaluation_commands import Evaluate, StopEvaluation

QUICK = Evaluate(count=20, metrics=("precision",), device="cpu")


@pytest.fixture
def run(home: Path, small: Callable[..., Workflow]) -> str:
    """A stored run with a checkpoint."""
    with Store(home) as store:
        run = launching.start(store, check_workflow(small("data.dataset=digits", "generator.image_size=8")), "Ada")
        run.close()
        return run.id


@pytest.fixture
def worker(home: Path) -> Iterator[EvaluationWorker]:
    worker = EvaluationWorker(home)
    yield worker
    worker.close()


def ask(worker: EvaluationWorker, run: str, **changes: object) -> None:
    worker.obey(Evaluate(**{**vars(QUICK), "run": run, **changes}))


def finish(worker: EvaluationWorker) -> list[str]:
    """Work until all is done; what was told meanwhile."""
    told = []
    while worker.busy:
        worker.advance(lambda: False)
        told += [each.doing for each in worker.snapshot.evaluations]
    return told


def test_the_results_are_kept_with_the_run_and_the_progress_is_told(home: Path, run: str, worker) -> None:
    ask(worker, run)
    assert worker.busy and worker.snapshot.evaluations[0].run == run
    finish(worker)
    assert worker.snapshot.evaluations == ()
    with Store(home) as store:
        (found,) = load_all(store.files(run))
    assert found.results["precision"].value is not None


def test_a_run_is_evaluated_once_at_a_time(run: str, worker) -> None:
    ask(worker, run)
    with pytest.raises(EvaluationUnderWay):
        ask(worker, run)
    finish(worker)
    ask(worker, run)


def test_a_stopped_evaluation_says_so_until_it_is_dismissed(run: str, worker, monkeypatch) -> None:
    ask(worker, run, count=50_000)
    worker.obey(StopEvaluation(run=run))
    finish(worker)
    (stopped,) = worker.snapshot.evaluations
    assert stopped.stopped and stopped.error.startswith("Stopped")
    worker.obey(StopEvaluation(run=run))
    assert worker.snapshot.evaluations == ()


@pytest.mark.parametrize("wrong", [{"count": 1}, {"metrics": ("fid",)}, {"seed": -1}, {"run": "nothing"}])
def test_a_wrong_wish_is_refused_at_once(run: str, worker, wrong: dict[str, object]) -> None:
    with pytest.raises(GenscopeError):
        ask(worker, **{"run": run, **wrong})
    assert not worker.busy


def test_what_fails_later_is_told_in_a_sentence(run: str, worker, monkeypatch) -> None:
    def fail(*arguments: object) -> None:
        raise MemoryError("no room")

    monkeypatch.setattr(evaluation_queue, "evaluate_each", fail)
    ask(worker, run)
    ask_again = worker.snapshot
    finish(worker)
    (failed,) = worker.snapshot.evaluations
    assert failed.error == "The evaluation failed: MemoryError: no room." and not failed.stopped
    assert ask_again.evaluations[0].error == ""


def test_commands_of_other_engines_are_refused(worker) -> None:
    with pytest.raises(UnknownCommand):
        worker.obey(Pause())


def test_it_is_finished_when_it_has_long_had_no_work(run: str, worker, monkeypatch) -> None:
    assert not worker.finished
    ask(worker, run)
    monkeypatch.setattr(evaluation_worker, "IDLE_SECONDS", 0.0)
    assert not worker.finished
    finish(worker)
    assert worker.finished


def test_it_takes_the_lowest_priority_and_one_thread() -> None:
    program = (
        "import os, torch\n"
        "from pathlib import Path\n"
        "from pipeline.engine.evaluation_worker import EvaluationWorker\n"
        "EvaluationWorker.warm_up(object())\n"
        "print(os.getpriority(os.PRIO_PROCESS, 0), torch.get_num_threads())"
    )
    # In a session of its own, as an engine is: Linux would give the lowest priority to that of the tests too, and they
    # would wait for every engine that trains.
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT, start_new_session=True
    )
    assert answer.stdout.split() == ["19", "1"]


ROOT = Path(evaluation_worker.__file__).parents[2]


@pytest.mark.parametrize(
    ("free", "expected"),
    [("9000\n500\n", "cuda:0"), ("500\n81000\n", "cuda:1"), ("900\n", "cpu"), ("", "cpu"), ("no gpu", "cpu")],
)
def test_a_gpu_is_used_only_if_it_has_room_for_a_second_process(
    tmp_path: Path, monkeypatch, free: str, expected: str
) -> None:
    tool = tmp_path / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\nprintf '{free}'\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    assert device_choice.evaluation_device("auto") == expected
    assert device_choice.evaluation_device("cpu") == "cpu"
