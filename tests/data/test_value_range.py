"""Pixel values in both ranges."""

import pytest
import torch

from pipeline.data.batches import Batches
from pipeline.data.images import ImageSet, Streaming, from_signed, to_float, to_pixels, to_signed
from pipeline.data.value_range import SIGNED, UNIT, ValueRange

EVERY = torch.arange(256, dtype=torch.uint8).reshape(1, 1, 16, 16)


@pytest.mark.parametrize(("values", "black"), [(SIGNED, -1.0), (UNIT, 0.0)])
def test_every_pixel_survives_the_way_to_floats_and_back(values: ValueRange, black: float):
    images = to_float(EVERY, values)
    assert (images.min().item(), images.max().item()) == (black, 1.0)
    assert torch.equal(to_pixels(images, values), EVERY)
    torch.testing.assert_close(to_signed(images, values), to_float(EVERY))
    torch.testing.assert_close(from_signed(to_float(EVERY), values), images)


def test_values_out_of_range_are_clamped():
    assert to_pixels(torch.tensor([-0.1, 0.0, 1.0, 1.1]), UNIT).tolist() == [0, 0, 255, 255]


@pytest.mark.parametrize("streaming", [None, Streaming(torch.device("cpu"), 0)])
def test_resident_and_streamed_batches_are_in_the_range_of_their_set(streaming: Streaming | None):
    pixels = EVERY.reshape(16, 1, 4, 4)
    labels = torch.zeros(16, dtype=torch.int64)
    images = Batches(ImageSet(pixels, labels, streaming, values=UNIT), 0, 16).after(0).images
    assert (images.min().item(), images.max().item()) == (0.0, 1.0)
