"""PNG grids: layout, scale, and the workflow in the text chunks."""

from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from pipeline.runs.tiling import GAP
from pipeline.sampling.grid import grid_png


def images(count: int, height: int = 5, width: int = 4, channels: int = 1) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(1, 256, (count, height, width, channels), dtype=np.uint8)


def opened(png: bytes) -> NDArray[np.uint8]:
    with Image.open(BytesIO(png)) as picture:
        array = np.asarray(picture)
    return array if array.ndim == 3 else array[:, :, None]


@given(
    count=st.integers(1, 12),
    columns=st.integers(1, 14),
    scale=st.integers(1, 3),
    channels=st.sampled_from([1, 3]),
)
def test_images_are_laid_out_in_rows(count: int, columns: int, scale: int, channels: int) -> None:
    drawn = images(count, channels=channels)
    picture = opened(grid_png(drawn, columns=columns, scale=scale))

    for number, image in enumerate(drawn):
        top = number // columns * (5 * scale + GAP)
        left = number % columns * (4 * scale + GAP)
        tile = picture[top : top + 5 * scale, left : left + 4 * scale]
        assert np.array_equal(tile[::scale, ::scale], image)
        assert np.array_equal(tile[scale - 1 :: scale, scale - 1 :: scale], image)


def test_a_grid_is_square_by_default() -> None:
    height, width, _ = opened(grid_png(images(64, 28, 28), scale=1)).shape

    assert height == width == 8 * 28 + 7 * GAP


def test_places_without_an_image_are_black() -> None:
    picture = opened(grid_png(images(3), columns=2, scale=1))

    assert picture[5 + GAP :, 4 + GAP :].max() == 0


@pytest.mark.parametrize(("side", "shown"), [(8, 56), (28, 56), (32, 64), (64, 64)])
def test_small_images_are_enlarged_by_a_whole_factor(side: int, shown: int) -> None:
    assert opened(grid_png(images(1, side, side))).shape == (shown, shown, 1)


def test_texts_can_be_read_from_the_png() -> None:
    texts = {"prompt": '{"noise": {"class_type": "GaussianNoise"}}', "training": '{"run": "überlauf √2"}'}

    with Image.open(BytesIO(grid_png(images(2), texts=texts))) as picture:
        picture.load()
        assert picture.info == texts


def test_the_same_images_give_the_same_bytes() -> None:
    assert grid_png(images(9), texts={"a": "b"}) == grid_png(images(9), texts={"a": "b"})
