"""Images on the device and the order in which they come."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from pipeline.data.images import BatchOrder, ImageSet, resized, to_float, to_pixels


def image_set(count: int = 10, channels: int = 3) -> ImageSet:
    pixels = torch.arange(count * channels * 8 * 4).remainder(256).to(torch.uint8)
    return ImageSet(pixels.reshape(count, channels, 8, 4), torch.arange(count))


def test_a_set_knows_its_count_shape_and_device() -> None:
    images = image_set()

    assert (images.count, images.shape, images.device.type) == (10, (3, 8, 4), "cpu")


def test_a_batch_has_the_requested_images_in_that_order() -> None:
    images = image_set()

    assert torch.equal(to_pixels(images.batch(torch.tensor([3, 0, 3]))), images.pixels[[3, 0, 3]])


def test_black_becomes_minus_one_and_white_one() -> None:
    pixels = torch.tensor([0, 51, 255], dtype=torch.uint8).reshape(1, 1, 1, 3)

    torch.testing.assert_close(to_float(pixels).flatten(), torch.tensor([-1.0, -0.6, 1.0]))


def test_a_batch_is_float32_and_channels_last() -> None:
    batch = image_set().batch(torch.tensor([1, 2]))

    assert batch.dtype == torch.float32
    assert batch.is_contiguous(memory_format=torch.channels_last)


def test_taking_a_batch_leaves_the_pixels_as_they_were() -> None:
    images = image_set()
    before = images.pixels.clone()
    images.batch(torch.arange(10))

    assert torch.equal(images.pixels, before)


def test_every_shade_survives_the_round_trip_to_float() -> None:
    shades = torch.arange(256).to(torch.uint8).reshape(1, 1, 16, 16)

    assert torch.equal(to_pixels(to_float(shades)), shades)


def test_numbers_beyond_the_range_are_clamped() -> None:
    images = torch.tensor([-7.0, -1.001, 1.001, 1e9]).reshape(1, 1, 2, 2)

    assert to_pixels(images).flatten().tolist() == [0, 0, 255, 255]


def test_half_precision_images_become_pixels_without_changing_them() -> None:
    images = torch.zeros(1, 1, 2, 2, dtype=torch.bfloat16)

    assert to_pixels(images).flatten().tolist() == [128] * 4
    assert images.abs().sum() == 0


@pytest.mark.parametrize("size", [4, 32])
def test_a_resized_image_keeps_its_brightness(size: int) -> None:
    pixels = torch.randint(0, 256, (3, 1, 16, 16), generator=torch.Generator().manual_seed(0)).to(torch.uint8)

    result = resized(pixels, size)
    assert (result.shape, result.dtype) == ((3, 1, size, size), torch.uint8)
    torch.testing.assert_close(brightness(result), brightness(pixels), atol=2, rtol=0)


def test_shrinking_averages_over_all_pixels_rather_than_picking_some() -> None:
    stripes = torch.tensor([0, 255], dtype=torch.uint8).repeat(1, 1, 64, 32)

    inner = resized(stripes, 8)[..., 1:-1]
    assert inner.min() > 110
    assert inner.max() < 145


def test_a_large_set_is_resized_in_parts_like_a_small_one() -> None:
    pixels = image_set(count=1030, channels=1).pixels

    assert torch.equal(resized(pixels, 6)[1020:], resized(pixels[1020:], 6))


def brightness(pixels: Tensor) -> Tensor:
    return pixels.float().mean((1, 2, 3))


def drawn(order: BatchOrder, images: int) -> list[int]:
    """The first `images` images, batch by batch."""
    return [index for start in range(0, images, order.batch_size) for index in order.indices(start).tolist()][:images]


@given(st.integers(0, 2**31 - 1), st.integers(1, 50), st.integers(1, 60))
def test_every_epoch_shows_every_image_once(seed: int, count: int, batch_size: int) -> None:
    indices = drawn(BatchOrder(seed, count, batch_size), 3 * count)

    for epoch in range(3):
        assert sorted(indices[epoch * count : (epoch + 1) * count]) == list(range(count))


@given(st.integers(1, 50), st.integers(1, 60), st.integers(0, 500))
def test_the_order_continues_from_any_position(count: int, batch_size: int, at: int) -> None:
    running = BatchOrder(0, count, batch_size)
    running.indices(at)

    assert torch.equal(running.indices(at + batch_size), BatchOrder(0, count, batch_size).indices(at + batch_size))


def test_going_back_gives_the_same_images_again() -> None:
    order = BatchOrder(0, count=10, batch_size=4)
    first = order.indices(0)
    order.indices(36)

    assert torch.equal(order.indices(0), first)


def test_epochs_and_seeds_are_shuffled_differently() -> None:
    order = BatchOrder(0, count=100, batch_size=100)

    assert not torch.equal(order.indices(0), order.indices(100))
    assert not torch.equal(order.indices(0), BatchOrder(1, count=100, batch_size=100).indices(0))


def test_indices_are_int64() -> None:
    assert BatchOrder(0, count=5, batch_size=3).indices(4).dtype == torch.int64
