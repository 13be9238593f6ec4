"""Pages of thumbnails: images of a set, each original and prepared."""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from pipeline.data.files.reading import find_scales, rules_for
from pipeline.data.files.rules import Rules
from pipeline.data.files.shades import STRETCHED, Scales, as_image, needs_scale
from pipeline.data.files.source import SourceImage
from pipeline.data.files.source_cache import cached_scales
from pipeline.data.fitting import Preparation, fit_to_square
from pipeline.data.progress import ReadProgress, no_progress
from pipeline.data.report import open_any, preparation_of
from pipeline.data.sets import FACTS
from pipeline.errors.data import BrokenImage

LARGEST_SIDE = 160
"""Longest side, in pixels, at which an original is shown."""


@dataclass(frozen=True)
class Thumbnail:
    """One image. class_name: "" if it has none. size: original (height, width). original, prepared: PNG; a large
    original is shrunk. reason: why the image cannot be read; both PNGs are empty then."""

    name: str
    class_name: str
    size: tuple[int, int] = (0, 0)
    original: bytes = b""
    prepared: bytes = b""
    reason: str = ""


def thumbnails(
    source: str,
    home: Path,
    preparation: Preparation | None = None,
    *,
    page: int = 0,
    count: int = 24,
    progress: ReadProgress = no_progress,
) -> tuple[Thumbnail, ...]:
    """Page `page` (from 0) of all images in a fixed shuffled order, `count` per page; () after the last page.

    Decodes only these images. Raises UnusableSource, DataUnavailable, and anything `progress` raises to stop it.
    """
    prepared = preparation_of(source, preparation)
    with open_any(source, home, progress, prepared.rules) as opened:
        mode = "L" if prepared.grey(opened.grey()) else "RGB"
        order = np.random.default_rng(0).permutation(opened.count)[page * count : (page + 1) * count]
        scales = None if source in FACTS else cached_scales(opened, prepared, home / "data")
        side, rules = max(LARGEST_SIDE, prepared.image_size), rules_for(opened, prepared)
        shown = []
        for done, index in enumerate(order.tolist()):
            progress("Drawing images", done, len(order))
            entries = opened.entries
            class_name = entries.class_names[entries.labels[index]] if entries.class_names else ""
            try:
                picture = opened.picture(index, side, rules)
                if scales is None and _needs_scales(picture, prepared, rules):
                    scales = find_scales(opened, prepared, progress)
                shown.append(_thumbnail(entries.names[index], class_name, picture, prepared, mode, scales or {}))
            except BrokenImage as error:
                shown.append(Thumbnail(entries.names[index], class_name, reason=error.reason))
    return tuple(shown)


def _needs_scales(picture: SourceImage, preparation: Preparation, rules: Rules) -> bool:
    """Whether an image cannot be drawn without the scale of the whole set."""
    if rules == "0.3":
        return False
    if preparation.shades in STRETCHED or not isinstance(picture.image, Image.Image):
        return True
    # It may be one of a set of masks of 0 and 1.
    return int(np.asarray(picture.image).max()) == 1


def _thumbnail(
    name: str, class_name: str, picture: SourceImage, preparation: Preparation, mode: str, scales: Scales
) -> Thumbnail:
    if needs_scale(picture.image, scales):
        raise BrokenImage("its shades are known once all images have been read")
    image = as_image(picture.image, scales)
    square = fit_to_square(image.convert(mode), preparation.image_size, preparation.fit)
    original = image.copy()
    original.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
    return Thumbnail(name, class_name, picture.size, _png(original), _png(square))


def _png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
