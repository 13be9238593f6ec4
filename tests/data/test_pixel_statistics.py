"""Statistics over a set of images, compared with numpy."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.data import pixel_statistics
from pipeline.data.pixel_statistics import duplicates, mean_and_std, shade_counts
from tests.data.files.pictures import noise


def images(count: int, channels: int = 3, seed: int = 0) -> np.ndarray:
    return noise(count, channels * 25, 1, seed).reshape(count, channels, 5, 5)


@given(st.integers(1, 30), st.sampled_from([1, 3]), st.integers(0, 5))
def test_mean_and_deviation_are_those_of_all_pixels(count: int, channels: int, seed: int) -> None:
    pixels = images(count, channels, seed)
    mean, std = mean_and_std(shade_counts(pixels))

    np.testing.assert_allclose(mean, (pixels / 255).mean(axis=(0, 2, 3)))
    np.testing.assert_allclose(std, (pixels / 255).std(axis=(0, 2, 3)))


def test_every_shade_is_counted_once_in_parts_as_in_one(monkeypatch) -> None:
    pixels = images(10)
    whole = shade_counts(pixels)
    monkeypatch.setattr(pixel_statistics, "AT_ONCE", 3)

    assert whole.sum(axis=1).tolist() == [250] * 3
    assert np.array_equal(shade_counts(pixels), whole)
    assert whole[1, 7] == (pixels[:, 1] == 7).sum()


def test_equal_images_are_grouped_and_others_are_not() -> None:
    pixels = images(7)
    pixels[4], pixels[6], pixels[3] = pixels[1], pixels[1], pixels[2]
    pixels[5] = pixels[0]
    pixels[5, 2, 4, 4] ^= 1

    assert duplicates(pixels) == [[1, 4, 6], [2, 3]]
