"""Pictures of frames, exact to the pixel."""

from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from pipeline.errors.runs import UnknownGrid
from pipeline.runs.store import RunRecord, Store
from pipeline.runs.tiling import GAP, Tiling
from pipeline.sampling.grid import grid_png, image_png
from pipeline.studio.film import film_pictures

SHAPE = (12, 20, 1)
images = arrays(np.uint8, SHAPE)
TILING = Tiling.fitting(6, 5, 4)


def opened(png: bytes) -> np.ndarray:
    with Image.open(BytesIO(png)) as picture:
        pixels = np.asarray(picture)
    return pixels if pixels.ndim == 3 else pixels[:, :, None]


def drawn(seed: int, channels: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (6, 5, 4, channels), dtype=np.uint8)


@pytest.fixture
def run(store: Store, new_run: Callable[..., RunRecord]) -> str:
    """A run with frames at steps 0 and 50."""
    run = new_run().id
    for step in (0, 50):
        store.files(run).save_grid(step, grid_png(drawn(step)))
    return run


@given(images, images, st.integers(0, 100))
def test_a_wipe_shows_the_second_picture_left_of_the_line_and_the_first_right_of_it(first, second, at):
    wiped = film_pictures.wipe(first, second, at)
    cut = round(20 * at / 100)
    left, right = max(cut - 1, 0) if at < 100 else cut, cut + 1 if at else 0
    np.testing.assert_array_equal(wiped[:, :left], second[:, :left])
    np.testing.assert_array_equal(wiped[:, right:], first[:, right:])


@given(images, images)
def test_a_wipe_at_0_or_100_percent_is_one_whole_picture(first, second):
    np.testing.assert_array_equal(film_pictures.wipe(first, second, 0), first)
    np.testing.assert_array_equal(film_pictures.wipe(first, second, 100), second)


@given(images, images)
def test_the_difference_is_absolute_and_per_value(first, second):
    expected = np.abs(first.astype(int) - second.astype(int))
    np.testing.assert_array_equal(film_pictures.difference(first, second), expected)
    assert film_pictures.difference(first, second).dtype == np.uint8


@given(images, images)
def test_side_by_side_shows_both_pictures_whole(first, second):
    both = film_pictures.side_by_side(first, second)
    np.testing.assert_array_equal(both[:, :20], first)
    np.testing.assert_array_equal(both[:, -20:], second)


@given(images, st.integers(1, 100))
def test_enlarging_repeats_every_pixel(picture, width):
    grown = film_pictures.enlarged(picture, width)
    factor = grown.shape[1] // 20
    assert 20 * (factor - 1) < width <= grown.shape[1]
    for row in range(factor):
        np.testing.assert_array_equal(grown[row::factor, row::factor], picture)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("sample", [1, 3, 6])
def test_the_selected_sample_is_framed_and_no_image_is_changed(channels, sample):
    sheet = TILING.sheet(drawn(1, channels))
    framed = film_pictures.framed(sheet, TILING, sample)
    inner = framed[GAP:-GAP, GAP:-GAP]
    for number in range(1, 7):
        np.testing.assert_array_equal(
            TILING.cut(inner, number), np.broadcast_to(drawn(1, channels)[number - 1], (5, 4, 3))
        )
    top, left = TILING.corner(sample)
    height, width = TILING.tile
    marked = (framed == film_pictures.MARK).all(axis=2)
    assert marked[top : top + GAP, left : left + width + GAP].all() and marked[top : top + height + GAP, left].all()
    assert marked.sum() == (height + GAP) * (width + GAP) - (height - GAP) * (width - GAP)


@pytest.mark.parametrize(
    ("tiling", "sample"), [(None, 1), (TILING, None), (TILING, 0), (TILING, 7), (Tiling.fitting(9, 5, 4), 1)]
)
def test_without_a_valid_sample_the_grid_is_unchanged_and_has_the_same_size(tiling, sample):
    sheet = TILING.sheet(drawn(1))
    framed = film_pictures.framed(sheet, tiling, sample)
    assert framed.shape[:2] == film_pictures.framed(sheet, TILING, 1).shape[:2]
    np.testing.assert_array_equal(framed[GAP:-GAP, GAP:-GAP], sheet)


def test_a_frame_for_the_screen_is_the_enlarged_grid(store, run):
    shown = opened(film_pictures.frame(store, run, 50, TILING, None))
    factor = shown.shape[1] // (TILING.size[1] + 2 * GAP)
    assert shown.shape[1] >= film_pictures.SHARP_WIDTH
    np.testing.assert_array_equal(shown[::factor, ::factor][GAP:-GAP, GAP:-GAP], TILING.sheet(drawn(50)))


def test_comparisons_on_screen_have_the_size_of_a_frame_and_downloads_are_unscaled(store, run):
    size = opened(film_pictures.frame(store, run, 0, TILING, 2)).shape
    for how in ("side", "wipe", "difference"):
        assert opened(film_pictures.comparison(store, run, (0, 50), how, 30, TILING, 2)).shape == size
    first, second = TILING.sheet(drawn(0)), TILING.sheet(drawn(50))
    for how, expected in (
        ("side", film_pictures.side_by_side(first, second)),
        ("wipe", film_pictures.wipe(first, second, 30)),
        ("difference", film_pictures.difference(first, second)),
    ):
        np.testing.assert_array_equal(opened(film_pictures.comparison_download(store, run, (0, 50), how, 30)), expected)


def test_a_downloaded_frame_contains_its_workflow(store, run):
    png = grid_png(drawn(3), texts={"prompt": "{}"})
    store.files(run).save_grid(100, png)
    assert film_pictures.original_png(store, run, 100) == png


def test_a_sample_is_enlarged(store, run):
    np.testing.assert_array_equal(
        opened(film_pictures.sample_png(store, run, 50, TILING, 4, 12))[::3, ::3], drawn(50)[3]
    )


@pytest.mark.parametrize("channels", [1, 3])
def test_a_png_of_one_image_is_enlarged(channels):
    image = drawn(1, channels)[0]
    np.testing.assert_array_equal(opened(film_pictures.enlarged_png(image_png(image), 8))[::2, ::2], image)


def test_a_step_without_a_frame_is_refused(store, run):
    for ask in (
        lambda: film_pictures.frame(store, run, 7, TILING, None),
        lambda: film_pictures.comparison(store, run, (50, 7), "wipe", 50, TILING, None),
        lambda: film_pictures.comparison_download(store, run, (7, 50), "side", 50),
        lambda: film_pictures.original_png(store, run, 7),
        lambda: film_pictures.sample_png(store, run, 7, TILING, 1, 10),
    ):
        with pytest.raises(UnknownGrid, match="at step 7"):
            ask()
