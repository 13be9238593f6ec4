"""`nodes`: the catalogue."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.__main__ import main
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.custom_nodes import load

Run = Callable[..., tuple[int, dict[str, Any], str]]


def test_nodes_lists_every_type_with_what_its_class_declares(run: Run) -> None:
    code, facts, _ = run("nodes")
    assert code == 0
    assert set(facts["nodes"]) == set(NODES.names())
    adam = facts["nodes"]["Adam"]
    assert adam["wires"] == [
        {"name": "network", "label": "Network", "help": adam["wires"][0]["help"], "type": "Network"}
    ]
    assert adam["parameters"][0]["name"] == "learning_rate"
    assert adam["parameters"][0]["live"] is True


def test_the_text_of_nodes_names_every_parameter(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nodes"]) == 0
    text = capsys.readouterr().out
    assert all(re.search(rf"^  {name} ", text, re.MULTILINE) for name in ("dim", "learning_rate", "total_steps"))


def test_a_failed_file_of_custom_nodes_is_reported_and_all_other_nodes_are_listed(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own_loss.py").write_text("1 / 0")
    monkeypatch.setattr("pipeline.command.nodes.CUSTOM_NODES", load([tmp_path], NODES))
    code, facts, err = run("nodes")
    assert code == 0
    assert set(facts["nodes"]) == set(NODES.names())
    (failed,) = facts["failed"]
    assert failed["file"] == str(tmp_path / "own_loss.py")
    assert failed["reason"] == "ZeroDivisionError: division by zero."
    assert err == f"own_loss.py failed to load: {failed['reason']}\n{failed['traceback']}"
    assert 'own_loss.py", line 1' in err
