"""A grid of images as one PNG, with the workflow it came from in its text chunks. Torch-free."""

from collections.abc import Mapping
from io import BytesIO
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

GAP = 2
"""Black pixels between two images."""

TILE_WIDTH = 56
"""Pixels that an image is at least wide on the screen, unless told otherwise."""


def grid_png(
    images: NDArray[np.uint8],
    columns: int | None = None,
    scale: int | None = None,
    texts: Mapping[str, str] | None = None,
) -> bytes:
    """images: (N, H, W, C) uint8, C 1 or 3, N at least 1, row by row -> the bytes of a PNG.

    columns: None for as many as make the grid square. scale: whole factor by which every pixel grows, None for the
    smallest that makes an image TILE_WIDTH wide. texts: keyword -> text of the PNG's text chunks.
    The same images and texts give the same bytes.
    """
    count, height, width, channels = images.shape
    columns = columns or ceil(sqrt(count))
    rows = ceil(count / columns)
    scale = scale or ceil(TILE_WIDTH / width)
    tile_height, tile_width = height * scale + GAP, width * scale + GAP

    tiles = np.zeros((rows * columns, tile_height, tile_width, channels), np.uint8)
    tiles[:count, GAP:, GAP:] = images.repeat(scale, axis=1).repeat(scale, axis=2)
    sheet = (
        tiles.reshape(rows, columns, tile_height, tile_width, channels)
        .transpose(0, 2, 1, 3, 4)  # (rows, tile height, columns, tile width, C)
        .reshape(rows * tile_height, columns * tile_width, channels)
    )[GAP:, GAP:]

    chunks = PngInfo()
    for keyword, text in (texts or {}).items():
        chunks.add_text(keyword, text)
    stream = BytesIO()
    Image.fromarray(sheet[:, :, 0] if channels == 1 else sheet).save(stream, "PNG", pnginfo=chunks)
    return stream.getvalue()
