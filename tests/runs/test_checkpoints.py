"""Reading parts of a checkpoint without torch."""

import ast
import errno
import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

import pipeline
from pipeline.errors.runs import BrokenCheckpoint
from pipeline.runs import checkpoints
from pipeline.runs.checkpoints import fault, live_values, weight_shapes

ROOT = Path(pipeline.__file__).parent.parent
NAMES = {checkpoints.WEIGHTS, checkpoints.OPTIMIZER, checkpoints.STATE, checkpoints.MANIFEST}


def test_the_live_values_are_those_that_were_saved(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text(json.dumps({"step": 7, "live": {"generator_optimizer.learning_rate": 0.01}}))
    assert live_values(tmp_path) == {"generator_optimizer.learning_rate": 0.01}


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"live": 3}', '{"live": {"a": "x"}}', "[" * 100_000])
def test_a_state_without_live_values_is_damaged(tmp_path: Path, content: str) -> None:
    (tmp_path / "state.json").write_text(content)
    with pytest.raises(BrokenCheckpoint, match=r"state\.json holds no live values"):
        live_values(tmp_path)


def test_the_shapes_of_weights_are_those_of_the_networks_by_role(tmp_path: Path) -> None:
    weights = {
        "raw/generator/0.weight": torch.zeros(16, 100),
        "raw/generator/1.num_batches_tracked": torch.tensor(3),
        "raw/discriminator/conv/odd.weight": torch.zeros(4, 1, 3, 3),
        "ema/generator/0.weight": torch.zeros(16, 100),
    }
    save_file(weights, tmp_path / "weights.safetensors", metadata={"made": "here"})
    assert weight_shapes(tmp_path) == {
        "generator": {"0.weight": (16, 100), "1.num_batches_tracked": ()},
        "discriminator": {"conv/odd.weight": (4, 1, 3, 3)},
    }


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not weights",
        (2**40).to_bytes(8, "little") + b"{}",
        (9).to_bytes(8, "little") + b"{}",
        (2).to_bytes(8, "little") + b"[]",
        (14).to_bytes(8, "little") + b'{"raw/a/b": 3}',
    ],
)
def test_a_file_that_is_not_safetensors_is_damaged(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "weights.safetensors").write_bytes(content)
    with pytest.raises(BrokenCheckpoint):
        weight_shapes(tmp_path)


def test_a_missing_file_counts_as_damaged(tmp_path: Path) -> None:
    for told in (live_values, weight_shapes):
        with pytest.raises(BrokenCheckpoint):
            told(tmp_path)


def test_the_file_names_are_defined_in_one_place() -> None:
    sources = [path for folder in ("pages", "pipeline") for path in (ROOT / folder).rglob("*.py")]
    naming = [
        path.relative_to(ROOT).as_posix()
        for path in sources
        if any(isinstance(each, ast.Constant) and each.value in NAMES for each in ast.walk(ast.parse(path.read_text())))
    ]
    assert naming == ["pipeline/runs/checkpoints.py"]


def test_a_checkpoint_that_the_disk_cannot_read_is_named_by_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps({"sha256": {"weights.safetensors": "aa"}}))
    assert fault(tmp_path) == "weights.safetensors cannot be read: No such file or directory"
    (tmp_path / "weights.safetensors").write_bytes(b"")

    def failing(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(checkpoints, "file_digest", failing)
    assert fault(tmp_path) == "weights.safetensors cannot be read: Input/output error"
