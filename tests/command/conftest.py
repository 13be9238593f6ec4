"""Fixtures: a small workflow, a trained run of it, and the command line called in this process."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pipeline.__main__ import main
from pipeline.graph import document, edit
from pipeline.nodes.catalogue import NODES
from pipeline.studio.workflows import open_template

ROOT = Path(__file__).parents[2]
SETTINGS = (
    "data.dataset=digits", "generator.image_size=8", "generator.hidden=16", "discriminator.hidden=16",
    "training.batch_size=8", "training.total_steps=30", "samples.count=4",
)  # fmt: skip


class Trained(NamedTuple):
    """A home with one run of ten steps, and the process that trained it."""

    home: Path
    process: subprocess.CompletedProcess[str]


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workflow file that trains very fast: thirty planned steps on digits of 8×8 pixels."""
    workflow = replace(edit.apply_settings(open_template("mlp-gan"), SETTINGS, NODES), name="small")
    path = tmp_path_factory.mktemp("workflow") / "small.json"
    path.write_text(document.write(workflow), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def trained(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    home = tmp_path_factory.mktemp("trained") / "home"
    command = [sys.executable, "-m", "pipeline", "train", str(small), "--steps", "10", "--json"]
    environment = os.environ | {"GENSCOPE_HOME": str(home)}
    return Trained(
        home, subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240)
    )


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The path of a home that does not exist yet."""
    monkeypatch.setenv("GENSCOPE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("GENSCOPE_DATABASE_URL", raising=False)
    return tmp_path / "home"


@pytest.fixture
def run(home: Path, capfd: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, dict[str, Any], str]]:
    """Run a command with --json; returns exit code, the JSON object on standard output, and standard error."""

    def call(*arguments: object) -> tuple[int, dict[str, Any], str]:
        code = main([*map(str, arguments), "--json"])
        out, err = capfd.readouterr()
        assert out.count("\n") == 1
        return code, json.loads(out), err

    return call


@pytest.fixture
def run_at_home(
    trained: Trained, run: Callable[..., tuple[int, dict[str, Any], str]], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, dict[str, Any], str]]:
    """Like `run`, in the home of `trained`."""
    monkeypatch.setenv("GENSCOPE_HOME", str(trained.home))
    return run
