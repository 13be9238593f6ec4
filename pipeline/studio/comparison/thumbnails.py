"""Small pictures of what runs draw, for a table of many of them."""

import base64
from io import BytesIO

from PIL import Image

from pipeline.errors.runs import BrokenGrid, UnknownGrid
from pipeline.runs.grids import grid_pixels
from pipeline.runs.store import Store

SIDE = 64
"""Of a thumbnail, in pixels."""


def thumbnail(store: Store, run: str) -> str:
    """The upper left corner of the newest sample grid of a run, a square of it, as a data URL; "" without a grid that
    can be read."""
    files = store.files(run)
    grids = files.grids()
    if not grids:
        return ""
    try:
        pixels = grid_pixels(files, grids[-1][0])
    except (UnknownGrid, BrokenGrid):
        return ""
    # Two images of 56 pixels or more, with the gap between them.
    side = min(2 * SIDE, *pixels.shape[:2])
    corner = pixels[:side, :side]
    picture = Image.fromarray(corner[:, :, 0] if corner.shape[2] == 1 else corner).resize((SIDE, SIDE))
    file = BytesIO()
    picture.save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
