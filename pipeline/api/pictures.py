"""A grid of images with a caption below each."""

from collections.abc import Sequence
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

TILE = 72
"""Minimal width of an image in pixels, so that a number fits below it."""
GAP = 4
LINE = 18
FONT_SIZE = 12


def captioned(images: NDArray[np.uint8], captions: Sequence[str]) -> Image.Image:
    """Arrange images (N, H, W, C) uint8 row by row in a grid of about as many columns as rows, with captions below."""
    count, height, width, channels = images.shape
    scale = ceil(TILE / width)
    columns = ceil(sqrt(count))
    tile_width, tile_height = width * scale + GAP, height * scale + LINE + GAP
    picture = Image.new("RGB", (columns * tile_width + GAP, ceil(count / columns) * tile_height + GAP), "white")
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(FONT_SIZE)
    for number, (pixels, caption) in enumerate(zip(images, captions, strict=True)):
        row, column = divmod(number, columns)
        left, top = GAP + column * tile_width, GAP + row * tile_height
        image = Image.fromarray(pixels[:, :, 0] if channels == 1 else pixels)
        picture.paste(image.resize((width * scale, height * scale), Image.Resampling.NEAREST), (left, top))
        draw.text((left + width * scale / 2, top + height * scale + 2), caption, "black", font, anchor="ma")
    return picture
