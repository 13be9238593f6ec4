"""The layout of images in a sample grid: builds the picture and cuts samples out of it.

Used by engine and server: the engine tiles images into a picture, the server finds one of them in a stored picture.
"""

from dataclasses import dataclass
from math import ceil, sqrt
from typing import Self

import numpy as np
from numpy.typing import NDArray

GAP = 2
"""Black pixels between two images."""

TILE_WIDTH = 56
"""Minimum width of an image on the screen in pixels, if no scale is given."""


@dataclass(frozen=True)
class Tiling:
    """`count` images of (height, width) pixels, row by row, each pixel enlarged to scale × scale, GAP black pixels in
    between.

    Images are numbered from 1.
    """

    count: int
    height: int
    width: int
    columns: int
    scale: int

    @classmethod
    def fitting(cls, count: int, height: int, width: int, columns: int | None = None, scale: int | None = None) -> Self:
        """A tiling of `count` images. columns: None for an approximately square grid. scale: None for the smallest that
        makes images TILE_WIDTH wide."""
        return cls(count, height, width, columns or ceil(sqrt(count)), scale or ceil(TILE_WIDTH / width))

    @property
    def rows(self) -> int:
        return ceil(self.count / self.columns)

    @property
    def tile(self) -> tuple[int, int]:
        """(height, width) in the picture from the corner of one image to the corner of the next."""
        return self.height * self.scale + GAP, self.width * self.scale + GAP

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the picture; there is no gap around it."""
        return self.rows * self.tile[0] - GAP, self.columns * self.tile[1] - GAP

    def corner(self, number: int) -> tuple[int, int]:
        """(top, left) of image `number`, 1 to count, in the picture."""
        row, column = divmod(number - 1, self.columns)
        return row * self.tile[0], column * self.tile[1]

    def sheet(self, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Tile images (count, height, width, C) uint8 into the picture (*size, C)."""
        channels = images.shape[3]
        tiles = np.zeros((self.rows * self.columns, *self.tile, channels), np.uint8)
        tiles[: self.count, GAP:, GAP:] = images.repeat(self.scale, axis=1).repeat(self.scale, axis=2)
        return (
            tiles.reshape(self.rows, self.columns, *self.tile, channels)
            .transpose(0, 2, 1, 3, 4)  # (rows, tile height, columns, tile width, C)
            .reshape(self.rows * self.tile[0], self.columns * self.tile[1], channels)
        )[GAP:, GAP:]

    def cut(self, sheet: NDArray[np.uint8], number: int) -> NDArray[np.uint8]:
        """Image `number`, 1 to count, cut out of a picture (*size, C) and reduced to its own pixels: (height, width,
        C)."""
        top, left = self.corner(number)
        below, right = top + self.height * self.scale, left + self.width * self.scale
        return sheet[top : below : self.scale, left : right : self.scale]
