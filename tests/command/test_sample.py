"""`sample`: the same images every time, and what is refused before or instead of drawing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.graph import document

Run = Callable[..., tuple[int, dict[str, Any], str]]


def test_the_same_sample_gives_the_same_picture_twice(run_at_home: Run, tmp_path: Path) -> None:
    pictures = []
    for name in ("a.png", "b.png"):
        code, facts, _ = run_at_home("sample", "latest", "--count", 9, "--seed", 3, "--out", tmp_path / name)
        assert (code, facts["step"], facts["count"]) == (0, 10, 9)
        pictures.append((tmp_path / name).read_bytes())
    assert pictures[0] == pictures[1]
    assert document.read_png(pictures[0]).name == "small"


def test_samples_as_arrays_take_the_place_of_an_older_file(run_at_home: Run, tmp_path: Path) -> None:
    out = tmp_path / "samples.npz"
    out.write_text("older")
    assert run_at_home("sample", "latest", "--count", 5, "--step", 0, "--weights", "raw", "--out", out)[0] == 0
    with np.load(out) as archive:
        assert (archive["images"].shape, archive["images"].dtype) == ((5, 8, 8, 1), np.uint8)
    assert list(tmp_path.glob("*")) == [out]


@pytest.mark.parametrize(
    "option",
    [["--count", 0], ["--count", 10**9], ["--seed", -1], ["--step", 7], ["--step", -1], ["--device", "cuda:77"]],
)
def test_a_sample_that_cannot_be_drawn_is_refused(option: list[object], run_at_home: Run, tmp_path: Path) -> None:
    code, facts, err = run_at_home("sample", "latest", *option, "--out", tmp_path / "a.png")
    assert code == 2
    assert err == facts["error"] + "\n"
    assert not (tmp_path / "a.png").exists()


def test_a_grid_brings_its_workflow_back(run_at_home: Run, tmp_path: Path) -> None:
    assert run_at_home("sample", "latest", "--count", 4, "--out", tmp_path / "grid.png")[0] == 0
    assert run_at_home("check", tmp_path / "grid.png")[1]["ok"] is True
