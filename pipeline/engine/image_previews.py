"""Images of a data set as strips for the Data page: each one as it came, as it is prepared, and as it is augmented."""

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
"""Pixels a side that each of the three has in a strip; a page shows it smaller or larger."""

GAP = 8


class ImagePreview(NamedTuple):
    """An image of a set. size: (height, width) as it came. png: its strip, b"" where it cannot be read: see reason."""

    name: str
    class_name: str
    size: tuple[int, int]
    reason: str
    png: bytes


def strips(
    source: str,
    home: Path,
    preparation: Preparation,
    *,
    page: int,
    count: int,
    augmentations: Sequence[Mapping[str, float]],
    seed: int,
) -> tuple[ImagePreview, ...]:
    """Page `page` (from 0) of a set in a fixed shuffled order, `count` strips; () beyond the last page.

    augmentations: strengths of each by name, with its `probability`; done one after the other. seed: of their draws.
    Raises UnusableSource, DataUnavailable.
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
    """As large as a panel: the pixels of a small image stay squares."""
    scale = PANEL / max(image.size)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    way = Image.Resampling.NEAREST if scale > 1 else Image.Resampling.BILINEAR
    return image.convert("RGBA").resize(size, way)
