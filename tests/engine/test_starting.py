"""Starting runs: a workflow is parsed and checked once, and a refused start changes nothing."""

import json
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors.base import Refusal
from pipeline.graph import check, document
from pipeline.graph.workflow import Workflow
from pipeline.runtime.messages.commands import Fork, Resume, Run
from tests.engine.conftest import Bench

Small = Callable[..., Workflow]


@pytest.fixture
def count_calls(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[..., Any]], list[object]]:
    """`count_calls(function)`: a list that grows by one with each call of the function, from any module."""

    def watched(function: Callable[..., Any]) -> list[object]:
        calls: list[object] = []

        def counted(*arguments: Any, **named: Any) -> Any:
            calls.append(arguments)
            return function(*arguments, **named)

        for module in list(sys.modules.values()):
            if module.__name__.startswith("pipeline") and getattr(module, function.__name__, None) is function:
                monkeypatch.setattr(module, function.__name__, counted)
        return calls

    return watched


def test_a_start_parses_and_checks_its_workflow_once(bench: Bench, small: Small, count_calls: Callable) -> None:
    workflow = small()
    checks, parses = count_calls(check.check), count_calls(document.read)
    run = bench.start(workflow)
    assert (len(checks), len(parses)) == (1, 1)
    assert bench.worker.session.store.run(run).workflow_text == document.write(workflow)


def test_a_resume_and_a_fork_parse_and_check_their_workflow_once(
    bench: Bench, small: Small, count_calls: Callable
) -> None:
    run, other = bench.start(small()), document.write(small("training.batch_size=4"))
    bench.worker.session.release_run("")
    checks, parses = count_calls(check.check), count_calls(document.read)
    bench.ask(Resume, run=run)
    assert (len(checks), len(parses)) == (1, 1)
    bench.ask(Fork, workflow=other)
    # To say what was changed, the workflow of the parent is parsed too.
    assert (len(checks), len(parses)) == (2, 3)


def recorded_state(bench: Bench, run: str) -> object:
    store = bench.worker.session.store
    return store.run(run), store.events(run), bench.snapshot


def with_unknown_device(text: str) -> str:
    found = json.loads(text)
    found["prompt"]["training"]["inputs"]["device"] = "cuda:99"
    return json.dumps(found)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (with_unknown_device, "This machine has no device 'cuda:99'"),
        (lambda text: text.replace("GANTraining", "TrainingOfOld"), "There is no node type 'TrainingOfOld'"),
        (lambda text: text[:-2], "is not a workflow: it is not JSON"),
    ],
)
def test_a_refused_resume_changes_neither_the_stored_run_nor_the_current_one(
    bench: Bench, small: Small, home: Path, change: Callable[[str], str], sentence: str
) -> None:
    stored = bench.start(small())
    current = bench.start(small(), switch=True)
    with sqlite3.connect(home / "genscope.sqlite") as database:
        text = change(document.write(small()))
        database.execute("UPDATE runs SET workflow_text = ? WHERE id = ?", (text, stored))
    database.close()
    before = [recorded_state(bench, run) for run in (stored, current)]
    with pytest.raises(Refusal, match=sentence):
        bench.ask(Resume, run=stored)
    assert [recorded_state(bench, run) for run in (stored, current)] == before


@pytest.mark.parametrize("wrong", [{"steps": -5}, {"steps": 10**12}, {"steps": 7, "until": "nothing > 1"}])
def test_a_refused_run_command_leaves_the_planned_end_unchanged(bench: Bench, run: str, wrong: dict[str, Any]) -> None:
    before = recorded_state(bench, run)
    with pytest.raises(Refusal):
        bench.ask(Run, **wrong)
    assert recorded_state(bench, run) == before
