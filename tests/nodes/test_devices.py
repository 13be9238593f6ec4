"""Device names are resolved to devices of this machine."""

import pytest
import torch

from pipeline.errors.training import UnknownDevice
from pipeline.nodes.devices import resolve_device


def test_a_device_is_named_or_chosen_automatically():
    assert resolve_device("cpu") == torch.device("cpu")
    assert resolve_device("auto").type in ("cuda", "cpu")
    with pytest.raises(UnknownDevice, match="no device 'tpu'; it has cpu"):
        resolve_device("tpu")


def test_processes_of_a_machine_take_its_gpus_in_turn(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    for name in ("auto", "cuda"):
        assert [str(resolve_device(name, local)) for local in range(3)] == ["cuda:0", "cuda:1", "cuda:0"]
    assert str(resolve_device("cuda:1", 0)) == "cuda:1"
    assert str(resolve_device("cpu", 1)) == "cpu"
