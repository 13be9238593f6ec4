"""A periodic evaluation on the command line: conditions on it, what it took, and the best checkpoint."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.__main__ import main
from pipeline.graph import document
from pipeline.graph.adding import place_node
from pipeline.nodes.catalogue import NODES

Run = Callable[..., tuple[int, dict[str, Any], str]]
SETTINGS = (
    "periodic_evaluation.every=2", "periodic_evaluation.count=50", "periodic_evaluation.features=digits",
    "periodic_evaluation.metrics=frechet_distance,precision", "training.threads=1",
)  # fmt: skip


@pytest.fixture
def evaluated(small: Path, tmp_path: Path) -> Path:
    """The small workflow with a periodic evaluation."""
    workflow = document.read(small.read_bytes(), "small")
    path = tmp_path / "evaluated.json"
    path.write_text(document.write(place_node(workflow, "PeriodicEvaluation", "training", NODES)[0]), encoding="utf-8")
    return path


def test_training_stops_where_a_metric_is_reached_says_what_it_took_and_keeps_the_best_checkpoint(
    run: Run, evaluated: Path, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    options = [option for setting in SETTINGS for option in ("--set", setting)]
    best = ("--set", "periodic_evaluation.keep_best=frechet_distance")
    code, facts, err = run("train", evaluated, "--until", "frechet_distance > 0 and step > 3", *options, *best)
    assert code == 0 and facts["step"] == 4 and "frechet_distance" in facts["stopped"]
    assert facts["metrics"]["frechet_distance"] > 0
    evaluation = facts["evaluation"]
    assert (evaluation["times"], evaluation["generated"], evaluation["held_out"]) == (2, 50, 50)
    assert evaluation["floors"].keys() == {"frechet_distance", "precision"} and 0 < evaluation["share"] < 1
    (listed,) = run("runs")[1]["runs"]
    assert listed["best"] == evaluation["best"] and listed["best"]["step"] in (2, 4)
    code, facts, _ = run("sample", "latest", "--step", "best", "--count", 4, "--out", tmp_path / "best.png")
    assert code == 0 and facts["step"] == listed["best"]["step"]
    # The second run says the same in words, and keeps no best checkpoint.
    assert main(["train", str(evaluated), "--steps", "2", *options]) == 0
    out = capfd.readouterr().out
    assert "Periodic evaluation: 50 generated images against 50 held-out images" in out and "1 evaluation took" in out
    code, _, err = run("sample", "latest", "--step", "best", "--out", tmp_path / "none.png")
    assert code == 2 and "keeps no best checkpoint" in err


def test_a_condition_on_a_metric_that_is_not_evaluated_is_refused(run: Run, evaluated: Path) -> None:
    code, _, err = run("train", evaluated, "--until", "kid < 1")
    assert code == 2 and "kid" in err and "sliced_distance" in err
