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
