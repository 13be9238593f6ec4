"""What the README shows is true: its example node trains, its commands and files are there."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from pipeline.__main__ import COMMANDS
from pipeline.graph import edit
from pipeline.graph.check import check
from pipeline.nodes import catalogue, objectives
from pipeline.nodes.assemble import assemble
from pipeline.studio import workflows
from pipeline.training.trainer import Trainer

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SMALL = ("generator.hidden=16", "discriminator.hidden=16", "training.batch_size=8")


def test_the_example_node_is_checked_built_and_trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (example,) = re.findall(r"```python\n(class .*?)```", README, re.DOTALL)
    namespace = dict(vars(objectives))
    exec(compile(example, "README.md", "exec"), namespace)
    monkeypatch.setattr(catalogue.NODES, "_classes", dict(catalogue.NODES._classes))
    catalogue.NODES.register(namespace["LeastSquaresObjective"])

    workflow = edit.apply_settings(workflows.open_template("mlp-gan"), SMALL, catalogue.NODES)
    objective = replace(workflow.nodes["objective"], class_type="LeastSquaresObjective")
    workflow = replace(workflow, nodes={**workflow.nodes, "objective": objective})
    assert check(workflow, catalogue.NODES).ok
    trainer = Trainer.fresh(assemble(workflow, tmp_path))
    before = [weights.clone() for weights in trainer.state.networks["generator"].parameters()]
    values = trainer.slice(3).values
    assert values.shape[0] == 3
    after = trainer.state.networks["generator"].parameters()
    assert not any(torch.equal(*pair) for pair in zip(before, after, strict=True))


def test_the_example_node_is_short() -> None:
    (example,) = re.findall(r"```python\n(class .*?)```", README, re.DOTALL)
    assert len([line for line in example.splitlines() if line.strip()]) <= 20


def test_every_command_and_template_the_readme_names_is_there() -> None:
    named = set(re.findall(r"python -m pipeline (\w+)", README))
    assert named == set(COMMANDS)
    for path in re.findall(r"pipeline/templates/[\w-]+\.json|\.github/images/[\w-]+\.png", README):
        assert (ROOT / path).is_file(), path


def test_the_readme_names_every_dependency() -> None:
    table = README.partition("## Dependencies")[2].partition("##")[0].lower()
    for file in ("requirements.txt", "tests/requirements.txt"):
        for package in re.findall(r"^([\w-]+)==", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE):
            assert package.lower().removeprefix("types-").removesuffix("-stubs") in table, package
