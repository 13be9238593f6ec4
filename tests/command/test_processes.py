"""A workflow for two processes on the command line, in a single process: it is never trained by another number than it
says."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.runs.store import Store

Run = Callable[..., tuple[int, dict[str, Any], str]]
TWO = ("--set", "training.processes=2")


def test_train_says_how_to_start_them_and_records_nothing(run: Run, small: Path, home: Path) -> None:
    code, facts, _ = run("train", small, *TWO, "--steps", 1)
    assert (code, facts["kind"]) == (2, "NeedsProcesses")
    assert "torchrun --nproc-per-node=2 -m pipeline train …" in facts["error"]
    code, facts, _ = run("profile", _two(small, home), "--steps", 1)
    assert (code, facts["kind"]) == (2, "NeedsProcesses")
    with Store(home) as store:
        assert not store.recent()


def test_a_fork_says_it_too_but_one_for_a_single_process_is_trained(run: Run, small: Path) -> None:
    _, made, said = run("train", small, "--steps", 2)
    assert made["processes"] == 1 and "asks for" not in said
    code, facts, _ = run("train", "--fork", made["run"], *TWO)
    assert (code, facts["kind"]) == (2, "NeedsProcesses")
    assert run("train", "--fork", made["run"], "--set", "training.processes=1", "--steps", 1)[0] == 0
    assert [each["processes"] for each in run("runs")[1]["runs"]] == [1, 1]


def test_the_queue_holds_it_and_works_on(run: Run, small: Path) -> None:
    run("queue", "add", small, "--name", "two", *TWO)
    run("queue", "add", small, "--name", "one", "--set", "training.total_steps=2")
    assert run("queue", "work")[0] == 1, "one was not trained"
    found = {each["name"]: each for each in run("queue")[1]["queue"]}
    assert (found["one"]["state"], found["two"]["state"]) == ("finished", "held")
    assert "torchrun" in str(found["two"])


def _two(small: Path, home: Path) -> Path:
    """The workflow, for two processes."""
    path = home.parent / "two.json"
    path.write_text(small.read_text().replace('"processes": 1', '"processes": 2'))
    return path
