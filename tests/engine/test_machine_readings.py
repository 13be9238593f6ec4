"""What the machine says of itself, with a GPU that answers, one that does not, and none."""

from collections.abc import Iterator
from math import isnan

import psutil
import pytest
import torch

from pipeline.engine import machine_readings
from pipeline.engine.machine_readings import readings
from pipeline.runs.system_series import SYSTEM_NAMES

CPU, GPU = torch.device("cpu"), torch.device("cuda", 0)
OF_GPU = ("gpu_use", "gpu_memory_gb", "gpu_memory_all_gb")


@pytest.fixture(autouse=True)
def unasked() -> Iterator[None]:
    machine_readings._has_use.cache_clear()
    yield
    machine_readings._has_use.cache_clear()


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """A GPU of 24 GB: training has reserved 3 GB, others 1 GB."""
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda device: 3_000_000_000)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (20_000_000_000, 24_000_000_000))


def test_memory_is_that_of_the_process_and_the_machine() -> None:
    found = readings(CPU)
    assert found["memory_gb"] == pytest.approx(psutil.Process().memory_info().rss / 1e9, rel=0.5)
    assert 0 < found["memory_free_gb"] <= psutil.virtual_memory().total / 1e9


def test_every_reading_is_a_declared_series_and_those_of_a_gpu_have_no_value_without_one() -> None:
    found = readings(CPU)
    assert found.keys() <= set(SYSTEM_NAMES)
    assert [name for name, value in found.items() if isnan(value)] == list(OF_GPU)


def test_a_gpu_tells_its_memory_and_its_use(gpu: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "utilization", lambda device: 85)
    assert [readings(GPU)[name] for name in OF_GPU] == [0.85, 3.0, 4.0]


def test_without_the_package_that_tells_the_use_it_is_asked_for_once(
    gpu: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def missing(device: torch.device) -> int:
        asked.append(device)
        raise ModuleNotFoundError("pynvml does not seem to be installed or it can't be imported.")

    monkeypatch.setattr(torch.cuda, "utilization", missing)
    for _ in range(2):
        found = readings(GPU)
        assert isnan(found["gpu_use"]) and found["gpu_memory_gb"] == 3.0
    assert asked == [GPU]


def test_a_device_that_is_lost_has_no_values(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(device: torch.device) -> int:
        raise RuntimeError("CUDA error: unspecified launch failure")

    for name in ("memory_reserved", "mem_get_info", "utilization"):
        monkeypatch.setattr(torch.cuda, name, lost)
    assert all(isnan(readings(GPU)[name]) for name in OF_GPU)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU of CUDA")
def test_a_real_gpu_tells_the_memory_that_a_tensor_takes() -> None:
    before = readings(GPU)
    held = torch.zeros(250_000_000, device=GPU)
    after = readings(GPU)
    assert after["gpu_memory_gb"] - before["gpu_memory_gb"] == pytest.approx(1.0, abs=0.1)
    assert after["gpu_memory_all_gb"] >= after["gpu_memory_gb"] >= held.numel() * 4 / 1e9
