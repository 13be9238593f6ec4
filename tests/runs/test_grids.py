"""Reading stored sample grids: every sample is where it was put, and unreadable grids give a clear message."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pipeline.errors.machine import UnusableValue
from pipeline.errors.runs import BrokenGrid, UnknownGrid, UnknownRun
from pipeline.runs.files import RunFiles
from pipeline.runs.grids import grid_pixels, grid_sample, stored_grid_png
from pipeline.runs.store import RunRecord, Store
from pipeline.runs.tiling import GAP, TILE_WIDTH, Tiling
from pipeline.sampling.grid import grid_png
from tests.runs.databases import SQLITE

DATABASES = SQLITE

NewRun = Callable[..., RunRecord]


@pytest.fixture
def files(store: Store, new_run: NewRun) -> RunFiles:
    return store.files(new_run().id)


def images(count: int, channels: int = 1, height: int = 5, width: int = 4) -> np.ndarray:
    return np.random.default_rng(count).integers(0, 256, (count, height, width, channels), dtype=np.uint8)


@given(
    count=st.integers(1, 30),
    height=st.integers(1, 9),
    width=st.integers(1, 70),
    columns=st.none() | st.integers(1, 9),
    scale=st.none() | st.integers(1, 3),
    channels=st.sampled_from([1, 3]),
)
def test_what_is_cut_out_of_a_sheet_is_what_was_put_into_it(count, height, width, columns, scale, channels):
    put = images(count, channels, height, width)
    tiling = Tiling.fitting(count, height, width, columns, scale)
    sheet = tiling.sheet(put)
    assert sheet.shape == (*tiling.size, channels)
    for number in range(1, count + 1):
        np.testing.assert_array_equal(tiling.cut(sheet, number), put[number - 1])


def test_tiles_are_numbered_row_by_row_from_one_and_separated_by_a_gap():
    tiling = Tiling.fitting(7, 28, 28)
    assert (tiling.columns, tiling.rows, tiling.scale) == (3, 3, 2)
    assert tiling.corner(1) == (0, 0)
    assert tiling.corner(2) == (0, TILE_WIDTH + GAP)
    assert tiling.corner(7) == (2 * (TILE_WIDTH + GAP), 0)
    assert tiling.size == (3 * TILE_WIDTH + 2 * GAP, 3 * TILE_WIDTH + 2 * GAP)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_kept_sample_is_the_image_that_was_drawn(files, channels):
    drawn = images(6, channels)
    files.save_grid(50, grid_png(drawn))
    tiling = Tiling.fitting(6, 5, 4)
    for number in range(1, 7):
        np.testing.assert_array_equal(grid_sample(files, 50, tiling, number), drawn[number - 1])
    assert grid_pixels(files, 50).shape == (*tiling.size, channels)


@pytest.mark.parametrize("number", [0, -1, 7, 10**9])
def test_a_sample_that_the_grid_does_not_hold_is_refused(files, number):
    files.save_grid(50, grid_png(images(6)))
    with pytest.raises(UnusableValue, match=r"the grid holds samples 1 to 6\."):
        grid_sample(files, 50, Tiling.fitting(6, 5, 4), number)


def test_a_step_without_a_grid_is_reported(files):
    files.save_grid(50, grid_png(images(6)))
    for read in (stored_grid_png, grid_pixels):
        with pytest.raises(UnknownGrid, match=f"Run {files.run} has no sample grid at step 1,000"):
            read(files, 1000)


@pytest.mark.parametrize("content", [b"", b"no picture", grid_png(images(6))[:-40], grid_png(images(6))[:60]])
def test_a_file_that_is_not_a_whole_picture_is_reported(files, content):
    files.save_grid(50, content)
    with pytest.raises(BrokenGrid, match=r"The sample grid of step 50 cannot be shown: its file is damaged"):
        grid_pixels(files, 50)


def test_a_picture_of_another_kind_or_size_is_reported(files):
    Image.new("RGBA", (14, 14)).save(files.save_grid(50, b""), "PNG")
    with pytest.raises(BrokenGrid, match="its mode is RGBA"):
        grid_pixels(files, 50)
    files.save_grid(50, grid_png(images(7)))
    with pytest.raises(BrokenGrid, match="does not match its workflow"):
        grid_sample(files, 50, Tiling.fitting(6, 5, 4), 1)


def test_a_missing_run_has_no_grids(store):
    with pytest.raises(UnknownRun):
        store.files("../../etc")
