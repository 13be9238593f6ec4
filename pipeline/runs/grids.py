"""Reads the stored sample grids of a run as pixels: a whole grid, or one of its samples."""

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pipeline.errors.machine import UnusableValue
from pipeline.errors.runs import BrokenGrid, UnknownGrid
from pipeline.runs.files import RunFiles
from pipeline.runs.tiling import Tiling


def stored_grid_png(files: RunFiles, step: int) -> bytes:
    """The stored PNG of the grid of `step`, which contains the workflow. Raises UnknownGrid, also if the grid has been
    thinned out."""
    try:
        return dict(files.grids())[step].read_bytes()
    except (KeyError, FileNotFoundError):
        raise UnknownGrid(files.run, step) from None


def grid_pixels(files: RunFiles, step: int) -> NDArray[np.uint8]:
    """The grid of `step`: (height, width, C) uint8, C 1 or 3. Raises UnknownGrid, BrokenGrid."""
    try:
        with Image.open(BytesIO(stored_grid_png(files, step))) as picture:
            if picture.mode not in ("L", "RGB"):
                raise BrokenGrid(step, f"its mode is {picture.mode}, not L or RGB")
            pixels = np.asarray(picture)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        # Pillow raises any of these for bytes that are not a complete picture.
        raise BrokenGrid(step, "its file is damaged") from error
    return pixels if pixels.ndim == 3 else pixels[:, :, None]


def grid_sample(files: RunFiles, step: int, tiling: Tiling, number: int) -> NDArray[np.uint8]:
    """Sample `number`, from 1 to `tiling.count`, of the grid of `step`: (height, width, C) uint8.

    Raises UnusableValue for other numbers; UnknownGrid; BrokenGrid, also if the grid's size does not match the tiling.
    """
    if not 1 <= number <= tiling.count:
        raise UnusableValue(f"There is no sample {number:,}: the grid holds samples 1 to {tiling.count:,}.")
    pixels = grid_pixels(files, step)
    if pixels.shape[:2] != tiling.size:
        raise BrokenGrid(step, "its size does not match its workflow")
    return tiling.cut(pixels, number)
