"""How often a workflow is parsed and checked until its run is under way."""

import sys
from collections.abc import Callable
from typing import Any

import pytest

from pipeline.graph import check, document
from pipeline.graph.workflow import Workflow
from tests.engine.conftest import Bench

Small = Callable[..., Workflow]


@pytest.fixture
def count_calls(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[..., Any]], list[object]]:
    """`count_calls(function)`: a list that grows by one with each call of it, whoever has imported it."""

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


def test_a_resume_and_a_fork_parse_and_check_theirs_once(bench: Bench, small: Small, count_calls: Callable) -> None:
    run, other = bench.start(small()), document.write(small("training.batch_size=4"))
    bench.worker.session.put_away("")
    checks, parses = count_calls(check.check), count_calls(document.read)
    bench.ask("resume", run=run)
    assert (len(checks), len(parses)) == (1, 1)
    bench.ask("fork", workflow=other)
    assert (len(checks), len(parses)) == (2, 2)
