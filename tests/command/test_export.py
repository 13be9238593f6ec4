"""`export`: the metrics and the trained weights of a run as files."""

import csv
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.runs import evaluations
from pipeline.runs.discarding import discard
from pipeline.runs.evaluations import Evaluation, Result, Way
from pipeline.runs.home import home
from pipeline.runs.store import Store

Run = Callable[..., tuple[int, dict[str, Any], str]]


@pytest.fixture
def two_runs(run_at_home: Run) -> Iterator[tuple[str, str]]:
    """The id of the run there, and of a second one without a step, which is deleted afterwards."""
    with Store(home()) as store:
        trained = store.resolve("latest").id
        empty = store.create(
            name="empty", workflow_text="", device="cpu", seed=0, total_steps=1, batch_size=1, train_images=1, who=""
        )
        yield trained, empty.id
        discard(store, empty.id)


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


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_several_runs_are_one_table(kind: str, run_at_home: Run, two_runs: tuple[str, str], tmp_path: Path) -> None:
    out = tmp_path / f"runs.{kind}"
    code, facts, _ = run_at_home("export", *two_runs, two_runs[0], "--to", kind, "--out", out)
    assert (code, facts["steps"], facts["runs"]) == (0, 10, list(two_runs))
    code, long, _ = run_at_home("export", two_runs[1], "--to", f"long-{kind}", "--out", out)
    assert (code, long["run"], long["values"]) == (0, two_runs[1], 0)


def test_event_files_are_written_to_a_folder_for_each_run(run_at_home: Run, tmp_path: Path) -> None:
    code, facts, _ = run_at_home("export", "latest", "--to", "tensorboard", "--out", tmp_path / "logs", "--every", 5)
    assert (code, facts["images"]) == (0, 2)
    (file,) = facts["files"]
    assert Path(file).parent.parent == tmp_path / "logs" and facts["run"] in Path(file).parent.name
    # Steps 5 and 10, and what is measured with the grid of step 0.
    assert 2 * 8 < facts["scalars"] < 2 * 20


def test_a_bundle_is_imported_by_another_home_and_by_none_twice(
    run_at_home: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, written, _ = run_at_home("export", "latest", "--to", "bundle", "--out", tmp_path / "run.zip")
    assert (code, written["bytes"]) == (0, (tmp_path / "run.zip").stat().st_size)
    code, facts, _ = run_at_home("import", tmp_path / "run.zip")
    assert (code, facts["kind"]) == (2, "AlreadyImported")
    monkeypatch.setenv("GENSCOPE_HOME", str(tmp_path / "home"))
    code, facts, _ = run_at_home("import", tmp_path / "run.zip")
    assert (code, facts["runs"][0]["run"], facts["runs"][0]["step"]) == (0, written["run"], 10)
    code, listed, _ = run_at_home("runs")
    assert [run["run"] for run in listed["runs"]] == [written["run"]]


def test_a_bundle_has_the_uploads_of_the_runs_that_a_run_was_forked_from_too(
    run: Run, home: Path, tmp_path: Path
) -> None:
    (home / "uploads").mkdir(parents=True)
    (home / "uploads" / "photos.zip").write_bytes(b"photos")
    reads = '{"prompt": {"images": {"class_type": "ImageFiles", "inputs": {"source": "photos.zip"}}}}'
    facts: dict[str, Any] = {"device": "cpu", "seed": 0, "total_steps": 1, "batch_size": 1, "train_images": 1}
    with Store(home) as store:
        parent = store.create(name="parent", workflow_text=reads, who="", **facts)
        fork = store.create(name="fork", workflow_text="", who="", parent=parent.id, parent_step=0, **facts)
    bundle = ("export", fork.id, "--to", "bundle", "--out", tmp_path / "run.zip")
    assert "Without the uploaded images of photos.zip" in run(*bundle)[2]
    assert "photos.zip" not in run(*bundle, "--alone")[2]
    code, _, said = run(*bundle, "--uploads")
    assert (code, "photos.zip" in said) == (0, False)
    with zipfile.ZipFile(tmp_path / "run.zip") as written:
        assert written.read("uploads/photos.zip") == b"photos"


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
        (
            ["--to", "csv", "--out", "a.csv", "--every", "5"],
            "--every chooses steps of scalars: use it with",
        ),
        (
            ["--to", "csv", "--out", "a.csv", "--alone"],
            "--alone leaves ancestors out of a bundle: use it with",
        ),
        (["--to", "parquet", "--out", "a.csv"], "its name must end with .parquet"),
        (["--to", "bundle", "--out", "a.tar"], "its name must end with .zip"),
        (["latest", "--to", "torch", "--out", "all"], "--to torch writes one run: name only one"),
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
