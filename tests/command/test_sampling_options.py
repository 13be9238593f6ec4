"""`sample` with the options of a sampler, and images between two others."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pipeline.graph import document, edit
from pipeline.nodes.catalogue import NODES
from pipeline.studio.workflows import open_template
from tests.command.conftest import ROOT

Run = Callable[..., tuple[int, dict[str, Any], str]]
Sample = Callable[..., tuple[int, dict[str, Any], Path]]
SETTINGS = (
    "data.dataset=digits", "network.channels=8", "training.batch_size=8", "training.total_steps=30", "sampling.steps=4",
    "samples.count=4",
)  # fmt: skip


@pytest.fixture(scope="module")
def denoised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a run of three steps of flow matching."""
    folder = tmp_path_factory.mktemp("denoised")
    workflow = replace(edit.apply_settings(open_template("flow"), SETTINGS, NODES), name="small flow")
    (folder / "flow.json").write_text(document.write(workflow), encoding="utf-8")
    command = [sys.executable, "-m", "pipeline", "train", str(folder / "flow.json"), "--steps", "3"]
    environment = os.environ | {"GENSCOPE_HOME": str(folder / "home")}
    subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True, timeout=240)
    return folder / "home"


@pytest.fixture
def sample(denoised: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sample:
    """Draw from that run: exit code, the JSON object, and the file."""
    monkeypatch.setenv("GENSCOPE_HOME", str(denoised))

    def call(*options: object, ending: str = "png") -> tuple[int, dict[str, Any], Path]:
        out = tmp_path / f"drawn.{ending}"
        out.unlink(missing_ok=True)
        code, facts, _ = run("sample", "latest", *options, "--out", out)
        return code, facts, out

    return call


def training_of(picture: Path) -> dict[str, Any]:
    with Image.open(picture) as opened:
        found: dict[str, Any] = json.loads(opened.info["training"])
        return found


def test_the_settings_of_the_workflow_are_the_defaults(sample: Sample) -> None:
    code, facts, plain = sample("--count", 4)
    assert code == 0
    assert {"steps": 4, "sampler": "heun", "guidance": 1.0}.items() <= facts.items()
    first = plain.read_bytes()
    _, _, same = sample("--count", 4, "--steps", 4, "--sampler", "heun", "--guidance", 1)
    assert same.read_bytes() == first


def test_the_picture_says_how_it_was_drawn(sample: Sample) -> None:
    options = ("--steps", 6, "--sampler", "dpm++ 2m", "--guidance", 2.5, "--class", "7", "--seed", 9)
    code, facts, picture = sample("--count", 4, *options)
    found = training_of(picture)
    drawn = {"steps": 6, "sampler": "dpm++ 2m", "guidance": 2.5, "seed": 9}
    assert code == 0 and drawn.items() <= facts.items() and (drawn | {"class": "7"}).items() <= found.items()
    assert facts["class"] == 7


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--steps", 0], "Steps cannot be 0: choose a whole number from 1 to 1,000"),
        (["--steps", 10_000], "Steps cannot be 10,000"),
        (["--guidance", "1e6"], "Guidance cannot be 1,000,000: choose a number from 0 to 100"),
        (["--guidance", "nan"], "Guidance cannot be nan"),
        (["--sampler", "huen"], "did you mean 'heun'?"),
        (["--between", 2, 2], "nothing between image 2 and itself"),
        (["--between", 0, 2], "There is no image 0"),
        (["--between", 1, 2, "--count", 1], "1 frames cannot be shown at once: ask for 2 to 32"),
        (["--reconstruct", "--steps", 3], "--steps cannot be used with --reconstruct"),
        (["--reconstruct", "--between", 1, 2], "--between cannot be used with --reconstruct"),
    ],
)
def test_bad_settings_are_refused_with_a_sentence(sample: Sample, options: list[object], sentence: str) -> None:
    code, facts, out = sample(*options)
    assert code == 2 and sentence in facts["error"]
    assert not out.exists()


def test_a_model_without_such_options_refuses_them(run_at_home: Run, tmp_path: Path) -> None:
    for option in (["--steps", 5], ["--guidance", 2], ["--sampler", "heun"]):
        code, facts, _ = run_at_home("sample", "latest", *option, "--out", tmp_path / "a.png")
        assert code == 2 and f"another {option[0][2:]}: its sampler has no options" in facts["error"]
    assert list(tmp_path.glob("*.png")) == []


def test_a_strip_leads_from_one_image_of_a_seed_to_another(sample: Sample) -> None:
    with np.load(sample("--class", "3", "--seed", 5, ending="npz")[2]) as archive:
        grid = archive["images"]
    code, facts, out = sample("--class", "3", "--seed", 5, "--between", 2, 40, "--count", 6, ending="npz")
    assert (code, facts["count"], facts["from"], facts["to"]) == (0, 6, 2, 40)
    with np.load(out) as archive:
        strip = archive["images"].astype(int)
    # The ends are made in batches of another size than in the grid, which may change a pixel's rounding.
    assert abs(strip[[0, -1]] - grid[[1, 39]]).max() <= 1
    steps = [abs(after - before).mean() for before, after in pairwise(strip)]
    assert max(steps) < abs(strip[-1] - strip[0]).mean()


def test_a_strip_of_a_gan_is_interpolated_too(run_at_home: Run, tmp_path: Path) -> None:
    code, facts, _ = run_at_home("sample", "latest", "--between", 1, 4, "--out", tmp_path / "strip.png")
    assert (code, facts["count"]) == (0, 8)
    with Image.open(tmp_path / "strip.png") as strip:
        assert strip.width > 6 * strip.height
