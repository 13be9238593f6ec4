"""Images of a data set as strips for the Data page: each strip shows the original, prepared and augmented image."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image

from pipeline.augmentation.live import LiveAugmentation
from pipeline.data.fitting import Preparation, as_pixels
from pipeline.data.images import to_float, to_pixels
from pipeline.data.thumbnails import Thumbnail, thumbnails

PANEL = 144
"""Side length, in pixels, of each of the three panels of a strip; a page may scale it."""

GAP = 8


class ImagePreview(NamedTuple):
    """An image of a set. size: original (height, width). png: its strip; b"" if it cannot be read, see `reason`."""

    name: str
    class_name: str
    size: tuple[int, int]
    reason: str
    png: bytes


def previews(
    source: str,
    home: Path,
    preparation: Preparation,
    *,
    page: int,
    count: int,
    augmentations: Sequence[Mapping[str, float]],
    seed: int,
) -> tuple[ImagePreview, ...]:
    """The `count` strips of page `page` (from 0) of a set in a fixed shuffled order; () beyond the last page.

    augmentations: in the order of application; for each, its strengths by name and its `probability`. seed: seed of
    their random numbers. Raises UnusableSource, DataUnavailable.
    """
    found = thumbnails(source, home, preparation, page=page, count=count)
    prepared = {place: _opened(each.prepared) for place, each in enumerate(found) if not each.reason}
    augmented = dict(zip(prepared, _augmented(list(prepared.values()), augmentations, seed), strict=True))
    return tuple(
        ImagePreview(each.name, each.class_name, each.size, each.reason, _png(each, prepared[place], augmented[place]))
        if place in prepared
        else ImagePreview(each.name, each.class_name, each.size, each.reason, b"")
        for place, each in enumerate(found)
    )


def _augmented(
    images: Sequence[Image.Image], augmentations: Sequence[Mapping[str, float]], seed: int
) -> list[Image.Image]:
    if not images:
        return []
    augment, live = None, dict[str, float]()
    for number, strengths in enumerate(augmentations):
        augment = LiveAugmentation(str(number), augment)
        live |= {f"{number}.{name}": value for name, value in strengths.items()}
    if augment is None:
        return list(images)
    batch = torch.from_numpy(np.stack([as_pixels(image) for image in images]))  # (N, C, S, S) uint8
    changed = to_pixels(augment(to_float(batch), torch.Generator().manual_seed(seed), live))
    shown = changed.permute(0, 2, 3, 1).contiguous().numpy()  # (N, S, S, C)
    return [Image.fromarray(each[..., 0] if each.shape[2] == 1 else each) for each in shown]


def _opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png))


def _png(thumbnail: Thumbnail, prepared: Image.Image, augmented: Image.Image) -> bytes:
    sheet = Image.new("RGBA", (3 * PANEL + 2 * GAP, PANEL))
    for place, image in enumerate((_opened(thumbnail.original), prepared, augmented)):
        panel = _panel(image)
        left = place * (PANEL + GAP) + (PANEL - panel.width) // 2
        sheet.paste(panel, (left, (PANEL - panel.height) // 2))
    stream = io.BytesIO()
    sheet.save(stream, "PNG")
    return stream.getvalue()


def _panel(image: Image.Image) -> Image.Image:
    """The image scaled to the size of a panel, with nearest-neighbour interpolation if it is smaller."""
    scale = PANEL / max(image.size)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    way = Image.Resampling.NEAREST if scale > 1 else Image.Resampling.BILINEAR
    return image.convert("RGBA").resize(size, way)
