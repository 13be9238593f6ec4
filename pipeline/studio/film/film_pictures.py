"""Pictures from stored sample grids: one frame, two compared, one sample enlarged. Pixels in, PNG bytes out.

Images are enlarged by whole factors without interpolation, since users judge the pixels.
"""

from collections.abc import Callable, Sequence
from io import BytesIO
from math import ceil

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pipeline.runs.grids import grid_pixels, grid_sample, stored_grid_png
from pipeline.runs.store import Store
from pipeline.runs.tiling import GAP, Tiling
from pipeline.studio.film.sample_frames import Compare

Owner = str | tuple[str, str]
"""The run of two frames, or that of each."""
Pixels = NDArray[np.uint8]
"""(height, width, C) uint8, C 1 or 3."""

SHARP_WIDTH = 900
"""Minimal width of a grid in pixels, so that browsers do not blur it by enlarging it."""
PLAYED_WIDTH = 480
"""The same for an animation, which is many grids in one file."""
MOST_PLAYED = 100
"""Frames in an animation."""
MARK = (230, 159, 0)
"""Colour of the frame around the selected sample."""


def frame(store: Store, run: str, step: int, tiling: Tiling | None, sample: int | None) -> bytes:
    """The grid of `step` as a PNG, with sample number `sample` framed if given. Raises UnknownGrid or BrokenGrid."""
    return png(_for_the_screen(grid_pixels(store.files(run), step), tiling, sample))


def comparison(
    store: Store,
    run: Owner,
    steps: tuple[int, int],
    how: Compare,
    at: int,
    tiling: Tiling | None,
    sample: int | None,
) -> bytes:
    """Two frames compared, for the screen. run: of both frames, or that of each.

    how: not "none"; for "side" only the second frame, which pages show next to the first. at: percent of the
    width, from the left, at which a wipe shows the second frame. Raises UnknownGrid or BrokenGrid.
    """
    first, second = _pair(store, run, steps)
    compared = second if how == "side" else _comparing(how, at)(first, second)
    return png(_for_the_screen(compared, tiling, sample))


def original_png(store: Store, run: str, step: int) -> bytes:
    """The stored PNG of the grid of `step`, which contains the workflow. Raises UnknownGrid."""
    return stored_grid_png(store.files(run), step)


def comparison_download(store: Store, run: Owner, steps: tuple[int, int], how: Compare, at: int) -> bytes:
    """The comparison as one unscaled picture to download. Raises UnknownGrid or BrokenGrid."""
    return png(_comparing(how, at)(*_pair(store, run, steps)))


def sample_png(store: Store, run: str, step: int, tiling: Tiling, number: int, width: int) -> bytes:
    """One sample of a frame, enlarged to at least `width` pixels. Raises UnusableValue, UnknownGrid or BrokenGrid."""
    return png(enlarged(grid_sample(store.files(run), step, tiling, number), width))


def animation(store: Store, frames: Sequence[tuple[str, int]], milliseconds: int) -> bytes:
    """Grids as a GIF that plays once and stops at the last one. Colours are reduced to 256 for each frame.

    frames: (run, step) of each. milliseconds: how long each is shown. Raises UnknownGrid or BrokenGrid.
    """
    sheets = [enlarged(grid_pixels(store.files(run), step), PLAYED_WIDTH) for run, step in frames]
    pictures = [Image.fromarray(sheet[:, :, 0] if sheet.shape[2] == 1 else sheet) for sheet in sheets]
    stream = BytesIO()
    pictures[0].save(stream, "GIF", save_all=True, append_images=pictures[1:], duration=milliseconds)
    return stream.getvalue()


def wipe(first: Pixels, second: Pixels, at: int) -> Pixels:
    """The second picture from the left edge to `at` percent of the width, the first to the right of that.

    A black and a white line mark the boundary.
    """
    cut = round(first.shape[1] * at / 100)
    wiped = np.concatenate([second[:, :cut], first[:, cut:]], axis=1)
    if 0 < cut < first.shape[1]:
        wiped[:, cut - 1], wiped[:, cut] = 0, 255
    return wiped


def difference(first: Pixels, second: Pixels) -> Pixels:
    """|first − second| per value: 0 (black) if equal, 255 if one is black and the other white."""
    # uint8 would wrap around below 0, so subtract the smaller value.
    return np.where(first > second, first - second, second - first)


def side_by_side(first: Pixels, second: Pixels) -> Pixels:
    """Both pictures in one, with a white gap between them."""
    gap = np.full((first.shape[0], 8 * GAP, first.shape[2]), 255, np.uint8)
    return np.concatenate([first, gap, second], axis=1)


def framed(sheet: Pixels, tiling: Tiling | None, sample: int | None) -> Pixels:
    """The grid with a black border of GAP pixels, and a frame in colour MARK around the sample, if it exists."""
    roomy = np.pad(sheet, ((GAP, GAP), (GAP, GAP), (0, 0)))
    if tiling is None or sample is None or not 1 <= sample <= tiling.count or sheet.shape[:2] != tiling.size:
        return roomy
    coloured = np.repeat(roomy, 3, axis=2) if roomy.shape[2] == 1 else roomy
    top, left = tiling.corner(sample)
    height, width = tiling.tile
    image = coloured[top + GAP : top + height, left + GAP : left + width].copy()
    coloured[top : top + height + GAP, left : left + width + GAP] = MARK
    coloured[top + GAP : top + height, left + GAP : left + width] = image
    return coloured


def enlarged(picture: Pixels, width: int) -> Pixels:
    """The picture enlarged by the smallest whole factor that makes it at least `width` wide."""
    factor = ceil(width / picture.shape[1])
    return picture.repeat(factor, axis=0).repeat(factor, axis=1)


def enlarged_png(picture: bytes, width: int) -> bytes:
    """Enlarge a PNG, greyscale or RGB, as `enlarged` does."""
    with Image.open(BytesIO(picture)) as opened:
        pixels = np.asarray(opened)
    return png(enlarged(pixels if pixels.ndim == 3 else pixels[:, :, None], width))


def png(picture: Pixels) -> bytes:
    """The picture as a PNG. Equal pictures give equal bytes."""
    stream = BytesIO()
    # Low compression is fast, and repeated pixels compress well anyway.
    Image.fromarray(picture[:, :, 0] if picture.shape[2] == 1 else picture).save(stream, "PNG", compress_level=3)
    return stream.getvalue()


def _for_the_screen(sheet: Pixels, tiling: Tiling | None, sample: int | None) -> Pixels:
    return enlarged(framed(sheet, tiling, sample), SHARP_WIDTH)


def _comparing(how: Compare, at: int) -> Callable[[Pixels, Pixels], Pixels]:
    ways: dict[Compare, Callable[[Pixels, Pixels], Pixels]] = {
        "side": side_by_side,
        "wipe": lambda first, second: wipe(first, second, at),
        "difference": difference,
    }
    return ways[how]


def _pair(store: Store, run: Owner, steps: tuple[int, int]) -> tuple[Pixels, Pixels]:
    first, second = (run, run) if isinstance(run, str) else run
    return grid_pixels(store.files(first), steps[0]), grid_pixels(store.files(second), steps[1])
