"""Fitting images of any size into squares, and restoring their size."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pipeline.data.fitting import Fit, as_pixels, fit_to_square, restore_size
from pipeline.data.images import resized
from tests.data.files.pictures import noise

SIDES = st.integers(1, 40)


def square(pixels: np.ndarray, side: int, fit: Fit) -> np.ndarray:
    """(S, S, C) of (H, W, C)."""
    return as_pixels(fit_to_square(Image.fromarray(pixels), side, fit)).transpose(1, 2, 0)


def smooth(height: int, width: int) -> np.ndarray:
    """(height, width, 3): a ramp in each direction, which scaling keeps."""
    rows, columns = np.linspace(0, 255, height)[:, None], np.linspace(0, 255, width)[None]
    ramps = [np.broadcast_to(rows, (height, width)), np.broadcast_to(columns, (height, width)), (rows + columns) / 2]
    return np.stack(ramps, axis=-1).astype(np.uint8)


@pytest.mark.parametrize("fit", ["crop", "pad", "stretch"])
def test_a_square_of_the_right_size_is_left_as_it_is(fit: Fit) -> None:
    pixels = noise(16, 16)

    assert np.array_equal(square(pixels, 16, fit), pixels)
    assert np.array_equal(restore_size(pixels, (16, 16), fit), pixels)


def test_crop_keeps_the_middle_square() -> None:
    pixels = noise(8, 20)

    assert np.array_equal(square(pixels, 8, "crop"), pixels[:, 6:14])


def test_pad_centres_the_whole_image_on_black() -> None:
    pixels = noise(8, 16)
    found = square(pixels, 16, "pad")

    assert np.array_equal(found[4:12], pixels)
    assert not found[:4].any() and not found[12:].any()


def test_stretch_changes_the_proportions_and_leaves_nothing_out() -> None:
    halves = np.concatenate([np.zeros((4, 8), np.uint8), np.full((4, 8), 200, np.uint8)], axis=1)
    found = as_pixels(fit_to_square(Image.fromarray(halves), 8, "stretch"))[0]

    assert found[:, 0].max() == 0 and found[:, -1].min() == 200


def test_scaling_equals_that_on_the_device_within_one_shade() -> None:
    pixels = noise(28, 28, 1)
    ours = np.asarray(fit_to_square(Image.fromarray(pixels), 12, "stretch"), np.int16)
    device = resized(torch.from_numpy(pixels)[None, None], 12)[0, 0].numpy().astype(np.int16)

    assert np.abs(ours - device).max() <= 1


@given(SIDES, SIDES, st.integers(1, 24), st.sampled_from(["crop", "pad", "stretch"]), st.sampled_from([1, 3]))
def test_any_image_can_be_fitted_and_restored_to_its_size(
    height: int, width: int, side: int, fit: Fit, channels: int
) -> None:
    pixels = noise(height, width, channels)
    found = as_pixels(fit_to_square(Image.fromarray(pixels), side, fit))

    assert found.shape == (channels, side, side)
    assert restore_size(found.transpose(1, 2, 0), (height, width), fit).shape == (height, width, channels)


@pytest.mark.parametrize("size", [(40, 64), (64, 40), (48, 48)])
@pytest.mark.parametrize("fit", ["pad", "stretch"])
def test_pad_and_stretch_restore_the_whole_image(fit: Fit, size: tuple[int, int]) -> None:
    pixels = smooth(*size)
    found = restore_size(square(pixels, 64, fit), size, fit)

    assert np.abs(found.astype(np.int16) - pixels).max() <= 8


def test_crop_restores_the_middle_and_leaves_the_rest_black() -> None:
    pixels = np.full((20, 30, 3), 90, np.uint8)
    found = restore_size(square(pixels, 10, "crop"), (20, 30), "crop")

    assert (found[:, 5:25] == 90).all()
    assert not found[:, :5].any() and not found[:, 25:].any()
