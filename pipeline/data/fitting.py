"""How an image of any size becomes a square one, and how a square one gets its old size back.

    crop      scaled until its shorter side fits, and the middle square of it kept
    pad       scaled until its longer side fits, and put in the middle of a black square
    stretch   both sides scaled to fit: nothing is lost, and nothing keeps its proportions

Scaling is bilinear and, where it shrinks, over the whole area that a pixel comes from (the antialiasing that Parmar et
al. 2021, arXiv 2104.11222, ask for); `images.resized` does the same on the device.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Fit = Literal["crop", "pad", "stretch"]
ChannelMode = Literal["as they come", "grey", "colour"]

SCALING = Image.Resampling.BILINEAR


@dataclass(frozen=True)
class Preparation:
    """What is done to every image before it is learned from. image_size: pixels a side, 0 for the size that a named
    set has. channels: `as they come` makes all images grey where most of them are, else all coloured."""

    image_size: int = 32
    fit: Fit = "crop"
    channels: ChannelMode = "as they come"

    def grey(self, mostly: bool) -> bool:
        """Whether images become grey, where it is known whether most of them are."""
        return mostly if self.channels == "as they come" else self.channels == "grey"


def fitted(image: Image.Image, side: int, fit: Fit) -> Image.Image:
    """The image as a square of `side` pixels a side, in the same mode."""
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


def restored(pixels: NDArray[np.uint8], size: tuple[int, int], fit: Fit) -> NDArray[np.uint8]:
    """A square image (S, S, C) uint8, brought back to `size`, the (height, width) that it had before `fit`: uint8
    (height, width, C).

    `stretch` and `pad` give all of it back, as sharp as S pixels a side can be. `crop` cannot give back what it cut
    off at the two ends of the longer side: there the result is black.
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
    """Where an image of this size lies in the square that it is padded to: left, top, right, bottom."""
    scale = side / max(height, width)
    inner_width, inner_height = max(1, round(width * scale)), max(1, round(height * scale))
    left, top = (side - inner_width) // 2, (side - inner_height) // 2
    return left, top, left + inner_width, top + inner_height
