"""Fits images of any size into a square, and restores a square to its original size.

    crop      scale until the shorter side fits, keep the middle square
    pad       scale until the longer side fits, centre on a black square
    stretch   scale both sides to fit: nothing is cut off, but proportions change

Scaling is bilinear and antialiased when shrinking (each pixel averages the whole area it covers), as Parmar et al. 2021
(arXiv 2104.11222) recommend; `images.resized` does the same on the device.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pipeline.data.files.rules import Rules
from pipeline.data.files.shades import Shades

Fit = Literal["crop", "pad", "stretch"]
ChannelMode = Literal["as they come", "grey", "colour"]
LARGEST_SIZE = 256
"""Maximum side in pixels that images are prepared to."""

SCALING = Image.Resampling.BILINEAR


@dataclass(frozen=True)
class Preparation:
    """How images are prepared for training. image_size: pixels per side, 0 for a named set's own size. channels: "as
    they come" makes all images grey if most of them are, otherwise all colour. shades: which stored values become black
    and white (`files/shades.py`). rules: how files are read, so that a run of an older version keeps its images, their
    order and their classes."""

    image_size: int = 32
    fit: Fit = "crop"
    channels: ChannelMode = "as they come"
    shades: Shades = "as stored"
    rules: Rules = "0.4"

    def grey(self, mostly: bool) -> bool:
        """Whether images are converted to grey. mostly: whether most of the source's images are grey."""
        return mostly if self.channels == "as they come" else self.channels == "grey"


def fit_to_square(image: Image.Image, side: int, fit: Fit) -> Image.Image:
    """The image as a square with `side` pixels per side, in the same mode."""
    width, height = image.size
    if (width, height) == (side, side):
        return image
    match fit:
        case "crop":
            return image.resize((side, side), SCALING, box=_middle_square(width, height))
        case "pad":
            left, top, right, bottom = _padded_box(height, width, side)
            square = Image.new(image.mode, (side, side))
            square.paste(image.resize((right - left, bottom - top), SCALING), (left, top))
            return square
        case "stretch":
            return image.resize((side, side), SCALING)


def as_pixels(image: Image.Image) -> NDArray[np.uint8]:
    """An image of mode L or RGB as (C, H, W) uint8."""
    pixels = np.asarray(image)
    return pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)


def restore_size(pixels: NDArray[np.uint8], size: tuple[int, int], fit: Fit) -> NDArray[np.uint8]:
    """Restore a square image (S, S, C) uint8 to `size`, its (height, width) before `fit`: uint8 (height, width, C).

    `stretch` and `pad` restore the whole image, at the sharpness of S pixels per side. `crop` cannot restore what it
    cut off at both ends of the longer side: the result is black there.
    """
    height, width = size
    image = Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
    match fit:
        case "crop":
            shorter = min(height, width)
            result = Image.new(image.mode, (width, height))
            middle = ((width - shorter) // 2, (height - shorter) // 2)
            result.paste(image.resize((shorter, shorter), SCALING), middle)
        case "pad":
            result = image.resize((width, height), SCALING, box=_padded_box(height, width, image.width))
        case "stretch":
            result = image.resize((width, height), SCALING)
    return np.asarray(result).reshape(height, width, pixels.shape[2])


def _middle_square(width: int, height: int) -> tuple[int, int, int, int]:
    shorter = min(width, height)
    left, top = (width - shorter) // 2, (height - shorter) // 2
    return left, top, left + shorter, top + shorter


def _padded_box(height: int, width: int, side: int) -> tuple[int, int, int, int]:
    """Position of an image of this size in the square it is padded to: left, top, right, bottom."""
    scale = side / max(height, width)
    inner_width, inner_height = max(1, round(width * scale)), max(1, round(height * scale))
    left, top = (side - inner_width) // 2, (side - inner_height) // 2
    return left, top, left + inner_width, top + inner_height
