"""The README is correct: its examples run, its commands, files and dependencies exist."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.__main__ import COMMANDS, main
from pipeline.graph import document, edit
from pipeline.nodes import custom_nodes
from pipeline.nodes.catalogue import NODES
from pipeline.runs.home import custom_node_folders
from pipeline.runs.store import Store
from pipeline.studio import workflows
from tests.custom_catalogue import catalogue_as_before

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SMALL = (
    "data.dataset=digits", "generator.image_size=8", "generator.hidden=16", "discriminator.hidden=16",
    "training.batch_size=8", "samples.count=4",
)  # fmt: skip


def example_of(heading: str) -> str:
    """The only Python block in a section of the README."""
    section = README.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    (example,) = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    return str(example)


@pytest.fixture
def custom_nodes_folder(tmp_path: Path) -> Path:
    """A folder with the example node."""
    folder = tmp_path / "my_nodes"
    folder.mkdir()
    (folder / "average.py").write_text(example_of("Custom nodes"), encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def _catalogue() -> Iterator[None]:
    with catalogue_as_before():
        yield


def test_the_example_node_loads_checks_and_trains(
    custom_nodes_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GENSCOPE_NODES", str(custom_nodes_folder))
    monkeypatch.setenv("GENSCOPE_HOME", str(tmp_path / "home"))
    assert custom_nodes.load(custom_node_folders(), NODES).failed == ()
    workflow = edit.apply_settings(workflows.open_template("mlp-gan"), SMALL, NODES)
    objective = replace(workflow.nodes["objective"], class_type="RelativisticAverageObjective")
    workflow = replace(workflow, nodes={**workflow.nodes, "objective": objective})
    (tmp_path / "average.json").write_text(document.write(workflow), encoding="utf-8")
    code = main(["train", str(tmp_path / "average.json"), "--steps", "5", "--set", "objective.margin=2", "--json"])
    out, err = capfd.readouterr()
    assert code == 0, err
    # If all scores are equal the loss is margin² on each side; the first ones are nearly equal.
    assert json.loads(out)["metrics"]["D_loss"] == pytest.approx(2 * 2**2, rel=0.5)


def test_the_example_node_is_short(custom_nodes_folder: Path) -> None:
    _, _, example = (custom_nodes_folder / "average.py").read_text(encoding="utf-8").partition("\n\n\n")
    assert len([line for line in example.splitlines() if line.strip()]) <= 20


def test_the_python_example_trains_a_recorded_run(home: Path) -> None:
    found: dict[str, Any] = {}
    exec(compile(example_of("From Python"), "README.md", "exec"), found)
    training = found["training"]
    with Store(home) as store:
        record = store.run(training.run)
        assert (record.step, record.state, record.train_images) == (20, "paused", 1617)
    training.close()
    assert found["new"].shape == (16, 8, 8, 1)
    assert found["grid"].width > 100 and found["scored"].width > 100


def test_the_python_example_has_ten_lines() -> None:
    assert len([line for line in example_of("From Python").splitlines() if line.strip()]) == 10


def test_every_command_and_file_in_the_readme_exists() -> None:
    named = set(re.findall(r"python -m pipeline (\w+)", README))
    assert named == set(COMMANDS)
    for path in re.findall(r"pipeline/templates/[\w-]+\.json|\.github/images/[\w-]+\.png", README):
        assert (ROOT / path).is_file(), path


def test_the_readme_names_every_dependency() -> None:
    table = README.partition("## Dependencies")[2].partition("##")[0].lower()
    for file in ("requirements.txt", "tests/requirements.txt"):
        for package in re.findall(r"^([\w-]+)==", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE):
            assert package.lower().removeprefix("types-").removesuffix("-stubs") in table, package
