"""Warnings about sets that show nothing: nearly all black, white, of one shade, or equal."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from pipeline.data.files.contents import content_warnings
from pipeline.data.fitting import Preparation
from pipeline.data.report import report_on
from pipeline.data.summary import summary_of
from tests.data.files.pictures import encoded, write


def sets(low: int, high: int, count: int = 20, channels: int = 3) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(low, high, (count, channels, 4, 4), dtype=np.uint8)


@pytest.mark.parametrize(
    ("pixels", "words"),
    [
        (sets(0, 20), "All 20 images are nearly black: hardly a shade is brighter than 10% of white."),
        (np.concatenate([sets(0, 20, 19), sets(0, 255, 1)]), "19 of the 20 images are nearly black"),
        (sets(240, 256), "All 20 images are nearly white"),
        (np.repeat(np.arange(60, 80, dtype=np.uint8), 48).reshape(20, 3, 4, 4), "All 20 images are of one shade only"),
        (sets(0, 20, 1), "The only image is nearly black"),
        (np.repeat(sets(0, 256, 1), 20, axis=0), "All 20 images are equal to each other after preparation."),
    ],
)
def test_a_set_that_shows_nothing_is_a_warning(pixels: NDArray[np.uint8], words: str) -> None:
    (warning,) = content_warnings(pixels)

    assert warning.startswith(words)


def test_a_plain_colour_is_one_shade() -> None:
    colours = np.random.default_rng(1).integers(40, 200, (20, 3, 1, 1), dtype=np.uint8)

    assert "of one shade only" in content_warnings(np.tile(colours, (1, 1, 4, 4)))[0]


@pytest.mark.parametrize("pixels", [sets(0, 256), sets(0, 256, 1), np.concatenate([sets(0, 20, 10), sets(0, 255, 10)])])
def test_a_usual_set_has_no_warning(pixels: NDArray[np.uint8]) -> None:
    assert content_warnings(pixels) == ()


def test_the_warning_is_in_the_report_and_comes_from_the_cache_too(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", {f"{shade}.png": encoded(Image.new("L", (8, 8), shade)) for shade in range(2, 9)})
    first, again = (report_on(str(folder), tmp_path, Preparation(8)) for _ in range(2))

    assert first.warnings == again.warnings == summary_of(first).warnings
    assert first.warnings[0].startswith("All 7 images are nearly black")


def test_a_hot_pixel_does_not_make_a_black_image_bright() -> None:
    pixels = np.random.default_rng(0).integers(0, 2, (20, 1, 16, 16), dtype=np.uint8)
    pixels[:, 0, 3, 5] = 255

    assert content_warnings(pixels)[0].startswith("All 20 images are nearly black")
