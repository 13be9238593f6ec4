"""A grid of images as one PNG, with the workflow in its text chunks. Torch-free."""

from collections.abc import Mapping
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from pipeline.runs.tiling import Tiling


def grid_png(
    images: NDArray[np.uint8],
    columns: int | None = None,
    scale: int | None = None,
    texts: Mapping[str, str] | None = None,
) -> bytes:
    """Return a PNG of images (N, H, W, C) uint8, C 1 or 3, N at least 1, in rows.

    columns: None for a square grid. scale: integer factor of enlargement; None for the smallest that makes an image
    TILE_WIDTH pixels wide. texts: keyword -> text of the PNG's text chunks. The same images and texts give the same
    bytes.
    """
    count, height, width, _ = images.shape
    sheet = Tiling.fitting(count, height, width, columns, scale).sheet(images)
    chunks = PngInfo()
    for keyword, text in (texts or {}).items():
        chunks.add_text(keyword, text)
    return _png(sheet, chunks)


def image_png(image: NDArray[np.uint8]) -> bytes:
    """Return an image (H, W, C) uint8, C 1 or 3, as a PNG of the same size."""
    return _png(image, None)


def _png(picture: NDArray[np.uint8], chunks: PngInfo | None) -> bytes:
    stream = BytesIO()
    Image.fromarray(picture[:, :, 0] if picture.shape[2] == 1 else picture).save(stream, "PNG", pnginfo=chunks)
    return stream.getvalue()
