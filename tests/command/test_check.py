"""`check`: every problem of a workflow."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

TEMPLATES = Path(__file__).parents[2] / "pipeline" / "templates"

Run = Callable[..., tuple[int, dict[str, Any], str]]


@pytest.mark.parametrize("template", sorted(TEMPLATES.glob("*.json")), ids=lambda path: path.stem)
def test_check_finds_no_problem_in_a_template(template: Path, run: Run) -> None:
    code, facts, err = run("check", template)
    assert (code, err, facts["ok"]) == (0, "", True)
    assert facts["node_errors"] == {} and facts["workflow_errors"] == [] and facts["warnings"] == []
    assert ": " in facts["found"]["data"] and " for training, " in facts["found"]["data"]


def test_check_lists_all_problems_in_comfyuis_format(run: Run, tmp_path: Path) -> None:
    prompt = json.loads((TEMPLATES / "mlp-gan.json").read_text())["prompt"]
    prompt["sampler"] = {"class_type": "KSampler", "inputs": {"steps": 20}}
    prompt["training"]["inputs"]["batch_size"] = -1
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps(prompt))
    code, facts, err = run("check", path)
    assert code == 2
    assert set(facts["node_errors"]) == {"sampler", "training"}
    assert facts["node_errors"]["sampler"]["errors"][0]["type"] == "unknown_node_type"
    assert facts["node_errors"]["training"]["errors"][0]["extra_info"] == {
        "input_name": "batch_size",
        "received_value": -1,
    }
    *_, found = lines = err.splitlines()
    assert len(lines) == 3 and "for training" in found
