"""`profile`: measuring a run or a workflow on the command line, its output, its trace and refused input."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.runs import profiles
from pipeline.runs.store import Store

Run = Callable[..., tuple[int, dict[str, Any], str]]


def test_a_workflow_is_profiled_as_a_new_run_and_resumed_as_if_it_had_only_been_trained(
    run: Run, small: Path, home: Path, tmp_path: Path
) -> None:
    code, facts, _ = run("profile", small, "--steps", 2, "--out", tmp_path / "trace.json")
    assert (code, facts["step"], facts["first"], facts["last"], facts["steps"]) == (0, 3, 2, 3, 2)
    stages = facts["tables"]["stages"]
    assert sum(stage["share"] for stage in stages) == pytest.approx(1)
    trace = json.loads((tmp_path / "trace.json").read_text())
    assert {"discriminator: loss", "ProfilerStep#2"} <= {each["name"] for each in trace["traceEvents"]}
    with Store(home) as store:
        (kept,) = profiles.load(store.files(facts["run"]))
        packed = profiles.trace_of(store.files(facts["run"]), kept)
        assert packed is not None and json.loads(gzip.decompress(packed.read_bytes())) == trace
    code, again, _ = run("profile", "latest", "--steps", 1, "--out", tmp_path / "trace.json.gz")
    assert (code, again["run"], again["first"], again["step"]) == (0, facts["run"], 5, 5)
    assert "ProfilerStep#5" in gzip.decompress((tmp_path / "trace.json.gz").read_bytes()).decode()
    _, resumed, _ = run("train", "--resume", "latest", "--steps", 3)
    _, plain, _ = run("train", small, "--steps", 8)
    clock = {"images_per_second", "seconds"}
    assert {k: v for k, v in resumed["metrics"].items() if k not in clock} == {
        k: v for k, v in plain["metrics"].items() if k not in clock
    }


def test_without_json_it_prints_tables(small: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from pipeline.__main__ import main

    assert main(["profile", str(small), "--steps", "1"]) == 0
    text = capsys.readouterr().out
    assert "step 2. A step took" in text and "Times are milliseconds per step." in text
    table = [line.split() for line in text.splitlines()]
    assert ["Stage", "Calls", "Total", "Self", "Share", "Memory"] in table
    assert any(line[:3] == ["Discriminator:", "score", "real"] for line in table)
    assert any(line[:2] == ["aten::addmm", "8"] for line in table)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--steps", "0"], "--steps"),
        (["--steps", "101"], "--steps"),
        (["--out", "trace.pt"], "its name must end with .json or .gz"),
        (["--out", "nowhere/trace.json"], "there is no folder nowhere"),
    ],
)
def test_refused_options_leave_no_run(run: Run, small: Path, home: Path, arguments: list[str], sentence: str) -> None:
    code, facts, _ = run("profile", small, *arguments)
    assert code == 2 and sentence in facts["error"]
    assert not home.exists()


def test_an_unknown_run_is_refused(run: Run, home: Path) -> None:
    code, facts, _ = run("profile", "20260101-000000-00000000")
    assert (code, facts["kind"]) == (2, "UnknownRun")
