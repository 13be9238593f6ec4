"""Turns a named set or a source of files into two ImageSets: one for training, one held out."""

from dataclasses import replace
from itertools import compress
from pathlib import Path

import torch

from pipeline.data.device_placement import place
from pipeline.data.files.opening import find, open_source
from pipeline.data.files.source_cache import read_cached
from pipeline.data.fitting import Preparation
from pipeline.data.images import ImageSet, resized
from pipeline.data.named import read_named
from pipeline.data.progress import ReadProgress, no_progress
from pipeline.data.sets import FACTS
from pipeline.data.split import held_out_mask


def load(
    name: str, image_size: int, device: torch.device | str, home: Path, progress: ReadProgress = no_progress
) -> tuple[ImageSet, ImageSet]:
    """The training images and the held-out images of a named set, for `device`.

    image_size: pixels per side, 0 for the set's own. home: images are cached in `home/data`. Raises DataUnavailable if
    a download fails.
    """
    facts = FACTS[name]
    images = read_named(name, home, progress)
    pixels, labels = torch.from_numpy(images.pixels), torch.from_numpy(images.labels)
    if image_size not in (0, facts.size):
        pixels = resized(pixels, image_size)
    train, held_out = slice(facts.train), slice(facts.train, None)
    return place(pixels[train], labels[train], device), place(pixels[held_out], labels[held_out], device)


def load_files(
    source: str,
    preparation: Preparation,
    held_out: float,
    device: torch.device | str,
    home: Path,
    progress: ReadProgress = no_progress,
) -> tuple[ImageSet, ImageSet]:
    """The training images and the held-out images of a folder, a zip or an array file, with their original sizes.

    held_out: share to hold out if the source has no split. home: where uploads and cached images are. Raises
    UnusableSource, and anything `progress` raises to stop it.
    """
    with open_source(find(source, home)) as opened:
        images = read_cached(opened, preparation, home / "data", progress)
    aside = torch.from_numpy(held_out_mask(images.labels, held_out) if images.held_out is None else images.held_out)
    pixels, labels, sizes = (torch.from_numpy(each) for each in (images.pixels, images.labels, images.sizes))
    train, held_out_images = (
        replace(
            place(pixels[chosen], labels[chosen], device),
            sizes=sizes[chosen],
            names=list(compress(images.names, chosen.tolist())),
        )
        for chosen in (~aside, aside)
    )
    return train, held_out_images
