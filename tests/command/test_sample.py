"""`sample`: reproducible images, and refused input."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pipeline.graph import document

Run = Callable[..., tuple[int, dict[str, Any], str]]
TEMPLATES = Path(__file__).parents[2] / "pipeline" / "templates"


def test_the_same_sample_gives_the_same_picture_twice(run_at_home: Run, tmp_path: Path) -> None:
    pictures = []
    for name in ("a.png", "b.png"):
        code, facts, _ = run_at_home("sample", "latest", "--count", 9, "--seed", 3, "--out", tmp_path / name)
        assert (code, facts["step"], facts["count"]) == (0, 10, 9)
        pictures.append((tmp_path / name).read_bytes())
    assert pictures[0] == pictures[1]
    assert document.read_png(pictures[0]).name == "small"


def test_samples_as_arrays_replace_an_older_file(run_at_home: Run, tmp_path: Path) -> None:
    out = tmp_path / "samples.npz"
    out.write_text("older")
    assert run_at_home("sample", "latest", "--count", 5, "--step", 0, "--weights", "raw", "--out", out)[0] == 0
    with np.load(out) as archive:
        assert (archive["images"].shape, archive["images"].dtype) == ((5, 8, 8, 1), np.uint8)
    assert list(tmp_path.glob("*")) == [out]


def test_an_image_of_a_seed_is_the_same_for_every_count(run_at_home: Run, tmp_path: Path) -> None:
    drawn = {}
    for count in (1, 2, 3, 16, 40):
        out = tmp_path / f"{count}.npz"
        assert run_at_home("sample", "latest", "--count", count, "--seed", 0, "--out", out)[0] == 0
        with np.load(out) as archive:
            drawn[count] = archive["images"]
    for count, images in drawn.items():
        np.testing.assert_array_equal(images, drawn[40][:count])


@pytest.mark.parametrize(
    "option",
    [["--count", 0], ["--count", 10**9], ["--seed", -1], ["--step", 7], ["--step", -1], ["--device", "cuda:77"]],
)
def test_a_sample_that_cannot_be_drawn_is_refused(option: list[object], run_at_home: Run, tmp_path: Path) -> None:
    code, facts, err = run_at_home("sample", "latest", *option, "--out", tmp_path / "a.png")
    assert code == 2
    assert err == facts["error"] + "\n"
    assert not (tmp_path / "a.png").exists()


def test_a_grid_contains_its_workflow(run_at_home: Run, tmp_path: Path) -> None:
    assert run_at_home("sample", "latest", "--count", 4, "--out", tmp_path / "grid.png")[0] == 0
    assert run_at_home("check", tmp_path / "grid.png")[1]["ok"] is True


def test_size_writes_each_image_to_its_own_file_in_that_size(run_at_home: Run, tmp_path: Path) -> None:
    out = tmp_path / "each"
    assert run_at_home("sample", "latest", "--count", 3, "--size", "20x30", "--out", out)[0] == 0
    assert sorted(path.name for path in out.iterdir()) == ["1.png", "2.png", "3.png"]
    for path in out.iterdir():
        with Image.open(path) as picture:
            assert picture.size == (30, 20)


@pytest.mark.parametrize("size", ["20", "axb", "0x10", "20x99999", "x"])
def test_an_impossible_size_is_refused(run_at_home: Run, tmp_path: Path, size: str) -> None:
    assert run_at_home("sample", "latest", "--size", size, "--out", tmp_path / "each")[0] == 2
    assert not (tmp_path / "each").exists()


def test_a_gan_cannot_reconstruct(run_at_home: Run, tmp_path: Path) -> None:
    code, facts, _ = run_at_home("sample", "latest", "--reconstruct", "--out", tmp_path / "a.png")
    assert code == 2
    assert "does not encode images" in facts["error"]
    assert not (tmp_path / "a.png").exists()


@pytest.mark.parametrize(
    ("out", "sentence"),
    [("there/is/none", "there is no folder"), ("file.txt", "it is not a folder, and a grid's name must end with .png")],
)
def test_an_unusable_output_path_for_reconstructions_is_refused(
    run_at_home: Run, tmp_path: Path, out: str, sentence: str
) -> None:
    (tmp_path / "file.txt").write_text("mine")
    code, facts, _ = run_at_home("sample", "latest", "--reconstruct", "--out", tmp_path / out)
    assert code == 2
    assert sentence in facts["error"]


@pytest.mark.slow
def test_an_autoencoder_trains_samples_and_reconstructs(run: Run, home: Path, tmp_path: Path) -> None:
    small = ["--set", "data.dataset=digits", "--set", "decoder.image_size=8", "--set", "training.batch_size=8"]
    for name in ("autoencoder", "vae"):
        code, facts, _ = run("train", TEMPLATES / f"{name}.json", "--steps", 3, *small)
        assert code == 0
        assert facts["metrics"].keys() >= {"loss", "reconstruction", "grad_norm", "held_out_reconstruction"}
        assert ("kl" in facts["metrics"]) == (name == "vae")
        assert run("sample", "latest", "--count", 4, "--out", tmp_path / "drawn.png")[0] == 0
        code, facts, _ = run("sample", "latest", "--reconstruct", "--count", 5, "--out", tmp_path / name)
        assert (code, facts["count"], len(list((tmp_path / name).iterdir()))) == (0, 5, 5)
        assert 0 < facts["error"] < 2
        assert run("export", "latest", "--to", "csv", "--out", tmp_path / f"{name}.csv")[0] == 0
        assert "held_out_reconstruction" in (tmp_path / f"{name}.csv").read_text().splitlines()[0]


def test_a_stop_signal_during_drawing_ends_with_the_signals_exit_code(
    run_at_home: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline.engine.stop_signals import Stop

    monkeypatch.setattr(Stop, "asked", lambda stop: True)
    monkeypatch.setattr(Stop, "exit_code", 130)
    code, facts, _ = run_at_home("sample", "latest", "--count", 1000, "--out", tmp_path / "a.npz")
    assert (code, facts["kind"]) == (130, "ReadingStopped")
    assert "Stopped while drawing images" in facts["error"]
    assert not (tmp_path / "a.npz").exists()


def test_size_with_a_pictures_name_writes_one_file(run_at_home: Run, tmp_path: Path) -> None:
    out = tmp_path / "s.png"
    assert run_at_home("sample", "latest", "--count", 1, "--size", "10x20", "--out", out)[0] == 0
    with Image.open(out) as picture:
        assert picture.size == (20, 10)
    assert run_at_home("sample", "latest", "--count", 3, "--size", "10x20", "--out", tmp_path / "s.npz")[0] == 0
    with np.load(tmp_path / "s.npz") as archive:
        assert archive["images"].shape == (3, 10, 20, 1)


@pytest.mark.parametrize("options", [["--size", "10x20"], ["--reconstruct"]])
def test_a_picture_format_that_is_not_written_makes_no_folder_of_that_name(
    options: list[str], run_at_home: Run, tmp_path: Path
) -> None:
    code, facts, _ = run_at_home("sample", "latest", *options, "--out", tmp_path / "s.jpg")
    assert (code, facts["kind"]) == (2, "UnusableFile")
    assert list(tmp_path.iterdir()) == []


def test_a_run_without_classes_is_not_asked_for_one(run_at_home: Run, tmp_path: Path) -> None:
    code, facts, _ = run_at_home("sample", "latest", "--class", "bee", "--out", tmp_path / "a.png")
    assert code == 2 and "not conditional" in facts["error"]
