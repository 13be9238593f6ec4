"""`evaluate` and `compare`: what they print, what they keep, and refused input."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.__main__ import main
from pipeline.metrics.registry import METRICS

Run = Callable[..., tuple[int, dict[str, Any], str]]
QUICK = ("--count", 40, "--metrics", "precision,recall,auth_pct")


def test_every_number_is_printed_with_its_interval_floor_and_counts(run_at_home: Run, trained, capfd) -> None:
    code, facts, _ = run_at_home("evaluate", "latest", *QUICK)
    (found,) = facts["evaluations"]
    assert (code, found["step"], found["held_out"], found["training"]) == (0, 10, 40, 1617)
    assert found["way"]["features"] and len(found["way"]["digest"]) == 12 and found["way"]["resize"]
    for result in found["results"].values():
        assert result["generated"] == 40 and result["real"] and result["floor"] is not None
        assert result["low"] <= result["value"] <= result["high"]
    assert main(["evaluate", "latest", *map(str, QUICK)]) == 0
    heading, precision, *_ = capfd.readouterr().out.splitlines()
    assert "40 images of seed 0, averaged weights, against 40 held-out images of digits. Features: " in heading
    assert precision.startswith(METRICS["precision"].title)
    assert ", floor " in precision and "; higher is better; 40 against 40" in precision


def test_several_checkpoints_are_evaluated_in_turn(run_at_home: Run) -> None:
    code, facts, _ = run_at_home("evaluate", "latest", "--every-checkpoint", *QUICK)
    assert code == 0 and [each["step"] for each in facts["evaluations"]] == [0, 10]
    assert run_at_home("evaluate", "latest", "--step", 0, "--step", 10, *QUICK)[1] == facts


def test_two_checkpoints_are_compared_in_one_table(run_at_home: Run, capfd) -> None:
    code, facts, _ = run_at_home("compare", "latest@0", "latest", *QUICK)
    assert code == 0 and [each["step"] for each in facts["evaluations"]] == [0, 10]
    assert [each["metric"] for each in facts["metrics"]] == ["precision", "recall", "auth_pct"]
    assert all(each["differences"][0]["words"] for each in facts["metrics"])
    assert main(["compare", "latest@0", "latest", *map(str, QUICK)]) == 0
    lines = capfd.readouterr().out.splitlines()
    assert lines[0].startswith("A: run ") and lines[1].startswith("B: run ") and "at step 10" in lines[1]
    assert any(line.startswith("  B beside A: ") for line in lines)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["latest", "--count", 5], "choose a number from 10 to 50,000"),
        (["latest", "--metrics", "fid"], "There is no metric 'fid'"),
        (["latest", "--step", 7], "no checkpoint at step 7"),
        (["latest", "--features", "nothing-there"], "nothing-there"),
        (["latest", "--data", "/nowhere"], "/nowhere"),
        (["latest", "--data", "petals"], "they are in colour"),
        (["20200101-000000-00000000"], "There is no run"),
        (["latest", "--seed", -1], "not a valid seed"),
        (["latest", "--device", "tpu"], "no device 'tpu'"),
        (["latest", "--metrics", ",,"], "names no metric"),
    ],
)
def test_a_refused_evaluation_says_what_is_wrong(run_at_home: Run, words: list[object], expected: str) -> None:
    code, facts, _ = run_at_home("evaluate", *words)
    assert code == 2 and expected in facts["error"]


def test_only_the_metrics_that_were_asked_for_are_printed(run_at_home: Run) -> None:
    run_at_home("evaluate", "latest", *QUICK)
    _, facts, _ = run_at_home("evaluate", "latest", "--count", 40, "--metrics", "recall")
    assert list(facts["evaluations"][0]["results"]) == ["recall"]


def test_all_places_of_a_comparison_are_checked_first(run_at_home: Run) -> None:
    code, facts, errors = run_at_home("compare", "latest", "latest@7", *QUICK)
    assert code == 2 and "no checkpoint at step 7" in facts["error"] and "Evaluating" not in errors


@pytest.mark.parametrize("words", [["latest"], ["latest@x", "latest"], ["latest@", "latest"], ["latest"] * 9])
def test_a_comparison_needs_several_places(run_at_home: Run, words: list[str]) -> None:
    assert run_at_home("compare", *words)[0] == 2


def test_a_damaged_file_of_weights_for_features_is_refused(run_at_home: Run, tmp_path: Path) -> None:
    (tmp_path / "weights.pth").write_bytes(b"\x80\x04no pickle")
    code, facts, _ = run_at_home("evaluate", "latest", "--count", 40, "--features", tmp_path / "weights.pth")
    assert code == 2 and "weights.pth" in facts["error"]
