"""`export`: the metrics and the trained weights of a run as files."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.runs import evaluations
from pipeline.runs.evaluations import Evaluation, Result, Way
from pipeline.runs.home import home
from pipeline.runs.store import Store

Run = Callable[..., tuple[int, dict[str, Any], str]]


def test_a_csv_has_one_row_per_step_and_one_column_per_metric(run_at_home: Run, tmp_path: Path) -> None:
    code, facts, _ = run_at_home("export", "latest", "--to", "csv", "--out", tmp_path / "run.csv")
    assert (code, facts["steps"]) == (0, 10)
    with (tmp_path / "run.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["step"]) for row in rows] == list(range(1, 11))
    assert rows[0].keys() >= {"D_loss", "G_loss", "D_real", "D_fake", "D_grad_norm", "G_grad_norm", "images_per_second"}


def test_the_weights_of_every_network_are_written_to_a_folder_and_of_one_to_a_file(
    run_at_home: Run, tmp_path: Path
) -> None:
    export = ("export", "latest", "--to", "safetensors", "--out")
    code, facts, _ = run_at_home(*export, tmp_path / "weights")
    assert (code, facts["step"], sorted(facts["files"])) == (0, 10, ["discriminator", "generator"])
    assert all(Path(path).is_file() for path in facts["files"].values())
    one = tmp_path / "one.safetensors"
    code, facts, _ = run_at_home(*export, one, "--network", "generator", "--step", 0, "--weights", "raw")
    assert (code, facts["step"], facts["files"]) == (0, 0, {"generator": str(one)})
    assert facts["weights"] == {"generator": "raw"}


@pytest.mark.parametrize("kind", ["safetensors", "torch"])
def test_weights_of_a_run_with_copies_come_with_a_warning(kind: str, run_at_home: Run, tmp_path: Path) -> None:
    with Store(home()) as store:
        files = store.files(store.resolve("latest").id)
    way = Way("ema", 0, 1000, "digits", "aa", "Digits", "0123456789ab", "bilinear to 28×28")
    result = Result(0.34, floor=0.66, generated=1000, real=1617)
    kept = evaluations.save(files, Evaluation("latest", 10, way, 500, 1617, True, {"auth_pct": result}))
    try:
        code, _, status = run_at_home("export", "latest", "--to", kind, "--out", tmp_path / "weights")
    finally:
        kept.unlink()
    assert code == 0
    assert "Some samples may be copies of training images: 34.0% of 1,000 samples" in " ".join(status.split())


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--to", "csv", "--out", "a.csv", "--network", "generator"], "--network chooses weights: use it with --to"),
        (["--to", "csv", "--out", "a.csv", "--step", "0"], "--step chooses weights"),
        (["--to", "csv", "--out", "a.csv", "--weights", "raw"], "--weights chooses weights"),
        (["--to", "torch", "--out", "all", "--network", "generator"], "a file that draws needs all networks"),
        (["--to", "torch", "--out", "there/is/none"], "there is no folder"),
        (["--to", "torch", "--out", "all", "--step", "7"], "no checkpoint at step 7"),
        (["--to", "safetensors", "--out", "a.pt"], "its name must end with .safetensors"),
        (["--to", "safetensors", "--out", "a.safetensors"], "2 networks, discriminator and generator"),
        (["--to", "safetensors", "--out", "there/is/none"], "there is no folder"),
        (["--to", "safetensors", "--out", "all", "--network", "critic"], "no network 'critic'"),
        (["--to", "safetensors", "--out", "all", "--step", "7"], "no checkpoint at step 7"),
    ],
)
def test_an_export_that_makes_no_sense_is_refused_and_writes_nothing(
    arguments: list[str], sentence: str, run_at_home: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, facts, _ = run_at_home("export", "latest", *arguments)
    assert code == 2
    assert sentence in facts["error"]
    assert not list(tmp_path.iterdir())
