"""Weights from files of any origin: what is accepted, and why other files are refused."""

import os
import pickle
from collections import OrderedDict

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from pipeline.errors.machine import UnusableFile
from pipeline.training.weights_file import read_weights

TENSORS = {"0.weight": torch.ones(2, 3), "0.bias": torch.zeros(2)}


class Attacking:
    """Runs code when it is unpickled."""

    def __reduce__(self):
        return os.system, ("touch attacked",)


def named(prefix):
    return {prefix + name: each for name, each in TENSORS.items()}


@pytest.mark.parametrize(
    "content",
    [
        OrderedDict(TENSORS),
        {"epoch": 3, "state_dict": TENSORS, "optimizer": {"lr": 0.1}},
        {"model": named("module.")},
        named("_orig_mod."),
        named("module._orig_mod."),
        nn.Linear(1, 1).state_dict() | TENSORS,
    ],
)
def test_a_state_dict_is_found_under_the_names_of_the_plain_module(content, tmp_path):
    torch.save(content, tmp_path / "model.pth")
    found = read_weights(tmp_path / "model.pth")
    assert TENSORS.keys() <= found.tensors.keys() and torch.equal(found.tensors["0.weight"], TENSORS["0.weight"])
    assert found.name == "model.pth" and len(found.hash) == 64


def test_compiled_layers_inside_a_module_get_their_plain_names(tmp_path):
    torch.save({"block._orig_mod.weight": torch.ones(1)}, tmp_path / "model.pt")
    assert list(read_weights(tmp_path / "model.pt").tensors) == ["block.weight"]


@pytest.mark.parametrize("name", ["model.safetensors", "weights.bin"])
def test_safetensors_and_the_old_format_of_torch_are_known_by_their_content(name, tmp_path):
    save_file(TENSORS, tmp_path / name)
    assert read_weights(tmp_path / name).tensors.keys() == TENSORS.keys()
    torch.save(TENSORS, tmp_path / name, _use_new_zipfile_serialization=False)
    assert read_weights(tmp_path / name).tensors.keys() == TENSORS.keys()


def refusal(path):
    with pytest.raises(UnusableFile) as caught:
        read_weights(path)
    return str(caught.value)


@pytest.mark.parametrize("protocol", [2, 4])
def test_a_pickle_that_would_run_code_is_refused_and_runs_none(protocol, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save({"state_dict": TENSORS, "by": Attacking()}, tmp_path / "model.pth", pickle_protocol=protocol)
    (tmp_path / "plain.pth").write_bytes(pickle.dumps(Attacking(), protocol))
    assert "could run code; save `model.state_dict()` alone" in refusal(tmp_path / "model.pth")
    refusal(tmp_path / "plain.pth")
    assert not (tmp_path / "attacked").exists()


def test_a_whole_pickled_module_is_refused(tmp_path):
    torch.save(nn.Linear(2, 2), tmp_path / "model.pth")
    assert "holds more than tensors and plain values" in refusal(tmp_path / "model.pth")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it is empty"),
        (b"PK", "it is damaged"),
        (b"\x80\x04broken", "cannot be read"),
        (b"not weights at all", "neither a safetensors file nor a state dict"),
        (b"\xff" * 8 + b"{" * 64, "it is a damaged safetensors file"),
    ],
)
def test_a_damaged_file_is_refused(content, why, tmp_path):
    (tmp_path / "model.pth").write_bytes(content)
    assert why in refusal(tmp_path / "model.pth")


def test_a_safetensors_file_cut_short_is_refused(tmp_path):
    save_file(TENSORS, tmp_path / "all.safetensors")
    (tmp_path / "cut.safetensors").write_bytes((tmp_path / "all.safetensors").read_bytes()[:-1])
    refusal(tmp_path / "cut.safetensors")


@pytest.mark.parametrize(
    "content",
    [[1, 2], {"epoch": 3}, torch.ones(3), {"state_dict": {}}, {"claimed": torch.ones(1).expand(2**40)}],
)
def test_a_file_without_a_state_dict_is_refused(content, tmp_path):
    torch.save(content, tmp_path / "model.pth")
    assert "it has no state dict" in refusal(tmp_path / "model.pth")


def test_what_is_no_file_is_refused(tmp_path):
    assert "it is a folder" in refusal(tmp_path)
    assert "no such file" in refusal(tmp_path / "none.pth")
    assert "it is not a file" in refusal(tmp_path / "/dev/null")
    long = refusal(tmp_path / ("a" * 5000))
    assert "file name too long" in long and len(long) < 300
    assert "null" in refusal(tmp_path / "with\0null")


def test_weights_that_are_not_finite_are_refused_by_name(tmp_path):
    torch.save({"fine": torch.ones(1), "broken": torch.tensor([1.0, float("nan")])}, tmp_path / "model.pth")
    assert "its tensor broken has values that are not finite" in refusal(tmp_path / "model.pth")


def test_a_file_of_one_network_says_whose_weights_it_has(tmp_path):
    save_file(TENSORS, tmp_path / "a.safetensors", metadata={"network": "decoder"})
    save_file(TENSORS, tmp_path / "b.safetensors")
    assert read_weights(tmp_path / "a.safetensors").network == "decoder"
    assert read_weights(tmp_path / "b.safetensors").network == ""


def test_a_checkpoint_of_a_run_gives_its_averaged_weights_where_it_has_some(tmp_path):
    kept = {"raw/critic/a": torch.ones(2), "ema/critic/a": torch.zeros(2), "raw/maker/layer.b": torch.ones(3)}
    save_file(kept, tmp_path / "weights.safetensors")
    found = read_weights(tmp_path / "weights.safetensors").tensors
    assert set(found) == {"critic.a", "maker.layer.b"}
    assert found["critic.a"].tolist() == [0, 0]
