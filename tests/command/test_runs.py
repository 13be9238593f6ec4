"""`runs`: the list of runs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline import VERSION
from pipeline.__main__ import main

Run = Callable[..., tuple[int, dict[str, Any], str]]


def test_without_runs_the_output_says_how_to_start_one(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs"]) == 0
    assert "train" in capsys.readouterr().out


def test_runs_lists_the_newest_first_and_at_most_limit(run: Run, small: Path) -> None:
    assert run("train", small, "--steps", 1, "--name", "first")[0] == 0
    assert run("train", small, "--steps", 2, "--name", "second")[0] == 0
    code, facts, _ = run("runs")
    assert code == 0
    assert [(entry["name"], entry["step"], entry["state"]) for entry in facts["runs"]] == [
        ("second", 2, "paused"),
        ("first", 1, "paused"),
    ]
    assert {entry["version"] for entry in facts["runs"]} == {VERSION}
    assert len(run("runs", "--limit", 1)[1]["runs"]) == 1
