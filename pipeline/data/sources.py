"""From a named set or a source of files to two ImageSets: one to learn from, and one kept aside."""

from dataclasses import replace
from pathlib import Path

import torch

from pipeline.data.device_placement import placed
from pipeline.data.files.opening import find, open_source
from pipeline.data.files.source_cache import read_or_kept
from pipeline.data.fitting import Preparation
from pipeline.data.images import ImageSet, resized
from pipeline.data.named import read_named
from pipeline.data.progress import ReadProgress, unwatched
from pipeline.data.sets import FACTS
from pipeline.data.split import held_out_mask


def load(
    name: str, image_size: int, device: torch.device | str, home: Path, progress: ReadProgress = unwatched
) -> tuple[ImageSet, ImageSet]:
    """The images to learn from and the held-out ones of a named set, for `device`.

    image_size: pixels a side, 0 for the set's own. home: what was read once is kept in `home/data`.
    Raises DataUnavailable where a download fails.
    """
    facts = FACTS[name]
    images = read_named(name, home, progress)
    pixels, labels = torch.from_numpy(images.pixels), torch.from_numpy(images.labels)
    if image_size not in (0, facts.size):
        pixels = resized(pixels, image_size)
    train, held_out = slice(facts.train), slice(facts.train, None)
    return placed(pixels[train], labels[train], device), placed(pixels[held_out], labels[held_out], device)


def load_files(
    source: str,
    preparation: Preparation,
    held_out: float,
    device: torch.device | str,
    home: Path,
    progress: ReadProgress = unwatched,
) -> tuple[ImageSet, ImageSet]:
    """The images to learn from and the held-out ones of a folder, a zip or a file of arrays, with their old sizes.

    held_out: share to keep aside where the source has no split of its own. home: where uploads lie, and where what was
    read once is kept. Raises UnusableSource, and whatever `progress` raises to end it.
    """
    with open_source(find(source, home)) as opened:
        images = read_or_kept(opened, preparation, home / "data", progress)
    aside = torch.from_numpy(held_out_mask(images.labels, held_out) if images.held_out is None else images.held_out)
    pixels, labels, sizes = (torch.from_numpy(each) for each in (images.pixels, images.labels, images.sizes))
    train, kept = (
        replace(placed(pixels[chosen], labels[chosen], device), sizes=sizes[chosen]) for chosen in (~aside, aside)
    )
    return train, kept
