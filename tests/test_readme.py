"""The README is correct: its examples run, its commands, files and dependencies exist."""

import json
import re
import sys
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from pipeline.__main__ import COMMANDS, main
from pipeline.api.training import Training
from pipeline.graph import document, edit
from pipeline.metrics.registry import METRICS
from pipeline.nodes import custom_nodes
from pipeline.nodes.catalogue import NODES
from pipeline.runs.home import custom_node_folders
from pipeline.runs.store import Store
from pipeline.studio import workflows
from pipeline.studio.evaluation.tables import ARROWS
from tests.custom_catalogue import catalogue_as_before

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SMALL = (
    "data.dataset=digits", "generator.image_size=8", "generator.hidden=16", "discriminator.hidden=16",
    "training.batch_size=8", "samples.count=4",
)  # fmt: skip


def test_the_table_of_metrics_says_what_each_is_good_and_bad_for() -> None:
    rows = [
        f"| {ARROWS[metric.better]} {metric.title} | {metric.good_for} | {metric.bad_for} |"
        for metric in METRICS.values()
    ]
    assert "\n".join(rows) in README


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


@pytest.fixture
def small_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """A run of the template mlp-gan, whose exported weights lie in `weights`, in the working directory."""
    monkeypatch.setenv("GENSCOPE_HOME", str(tmp_path / "home"))
    workflow = edit.apply_settings(workflows.open_template("mlp-gan"), SMALL, NODES)
    (tmp_path / "small.json").write_text(document.write(workflow), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["train", "small.json", "--steps", "2"]) == 0
    assert main(["export", "latest", "--to", "safetensors", "--weights", "raw", "--out", "weights"]) == 0
    capfd.readouterr()


def test_a_plain_module_loads_the_weights_of_a_built_in_network_as_the_readme_says(small_run: None) -> None:
    layers = {
        "linear_1": nn.Linear(100, 16),
        "leaky_relu_1": nn.LeakyReLU(0.2),
        "linear_2": nn.Linear(16, 64),
        "tanh_1": nn.Tanh(),
        "unflatten_1": nn.Unflatten(1, (1, 8, 8)),
    }
    found: dict[str, Any] = {"network": nn.Sequential(OrderedDict(layers)), "latents": torch.randn(3, 100)}
    exec(compile(example_of("The trained weights"), "README.md", "exec"), found)
    (checkpoint,) = Path("home/runs").glob("*/checkpoints/step-000000002/weights.safetensors")
    stored = load_file(checkpoint)
    assert found["images"].shape == (3, 1, 8, 8)
    for name, tensor in found["network"].state_dict().items():
        assert torch.equal(stored[f"raw/generator/{name}"], tensor)


def test_your_own_module_loads_its_trained_weights_as_the_readme_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def maker() -> nn.Sequential:
        return nn.Sequential(nn.Linear(32, 64), nn.Tanh())

    images, settings = torch.rand(20, 1, 8, 8), ["noise.dim=32", "training.batch_size=8", "samples.count=4"]
    mine = maker()
    with Training(images, generator=mine, template="mlp-gan", settings=[*settings, *SMALL[3:4]]) as training:
        training.train(steps=2)
    monkeypatch.chdir(tmp_path)
    assert main(["export", "latest", "--to", "safetensors", "--weights", "raw", "--out", "weights"]) == 0
    capfd.readouterr()
    found: dict[str, Any] = {"network": maker(), "latents": torch.randn(3, 32)}
    exec(compile(example_of("The trained weights"), "README.md", "exec"), found)
    assert all(torch.equal(found["network"].state_dict()[name], each) for name, each in mine.state_dict().items())


def test_a_model_draws_without_genscope_as_the_readme_says(
    small_run: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "latest", "--to", "torch", "--out", str(tmp_path / "model")]) == 0
    capfd.readouterr()
    monkeypatch.chdir(tmp_path / "model")
    monkeypatch.syspath_prepend(tmp_path / "model")
    found: dict[str, Any] = {"torch": torch}
    exec(compile(example_of("A model without Genscope"), "README.md", "exec"), found)
    sys.modules.pop("model")
    assert found["images"].shape == (16, 8, 8, 1)


def test_loading_weights_takes_three_lines() -> None:
    assert len([line for line in example_of("The trained weights").splitlines() if line.strip()]) == 3


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
