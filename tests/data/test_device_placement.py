"""Where pixels are kept: on the device if within the budget, otherwise where they are."""

import pytest
import torch

from pipeline.data.device_placement import SETTING, budget, place
from pipeline.errors.machine import UnusableValue

CPU = torch.device("cpu")
PIXELS = torch.arange(0, 2_000_000, dtype=torch.int32).to(torch.uint8).reshape(500, 1, 50, 80)  # 2 MB
LABELS = torch.arange(500)


def test_pixels_are_resident_on_the_cpu_without_a_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SETTING, raising=False)

    assert budget(CPU) is None
    assert place(PIXELS, LABELS, CPU).streaming is None


@pytest.mark.parametrize(("megabytes", "resident"), [("1", False), ("2", True), ("3", True), ("0", False)])
def test_a_set_is_resident_within_the_budget_and_streamed_beyond_it(
    monkeypatch: pytest.MonkeyPatch, megabytes: str, resident: bool
) -> None:
    monkeypatch.setenv(SETTING, megabytes)

    assert (place(PIXELS, LABELS, CPU).streaming is None) is resident


def test_a_streamed_set_knows_its_device_and_its_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTING, "1")
    images = place(PIXELS, LABELS, "meta")

    assert images.streaming is not None
    assert (images.streaming.device, images.streaming.budget) == (torch.device("meta"), 1_000_000)
    assert images.device == images.labels.device == torch.device("meta")
    assert images.pixels.device == CPU


def test_a_streamed_set_returns_any_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    resident = place(PIXELS, LABELS, CPU)
    monkeypatch.setenv(SETTING, "1")
    streamed = place(PIXELS, LABELS, CPU)
    indices = torch.tensor([499, 0, 7, 7])

    assert torch.equal(streamed.batch(indices), resident.batch(indices))
    assert place(PIXELS, LABELS, "meta").batch(indices).device == torch.device("meta")


@pytest.mark.parametrize("given", ["all", "-1", "1.5", "1e3", "1" * 10])
def test_a_budget_that_is_not_a_number_is_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv(SETTING, given)

    with pytest.raises(UnusableValue, match=f"GENSCOPE_DATA_BUDGET is '{given}'; set it to a whole number"):
        budget(CPU)
