"""Turns a named set or a source of files into two ImageSets: one for training, one held out.

The training set carries the findings on both: what to say where a run is started, and hashes of what was decoded.
"""

from dataclasses import replace
from itertools import compress
from pathlib import Path

import numpy as np
import torch

from pipeline.data.device_placement import place
from pipeline.data.files.opening import find, open_source
from pipeline.data.findings import Findings, of_arrays
from pipeline.data.findings_cache import read_with_findings
from pipeline.data.fitting import Preparation
from pipeline.data.images import ImageSet, resized
from pipeline.data.named import read_named
from pipeline.data.pixel_statistics import content_hash
from pipeline.data.progress import ReadProgress, no_progress
from pipeline.data.sets import FACTS


def load(
    name: str, image_size: int, device: torch.device | str, home: Path, progress: ReadProgress = no_progress
) -> tuple[ImageSet, ImageSet]:
    """The training images and the held-out images of a named set, for `device`.

    image_size: pixels per side, 0 for the set's own. home: images are cached in `home/data`. Raises DataUnavailable if
    a download fails.
    """
    facts = FACTS[name]
    images = read_named(name, home, progress)
    aside = np.arange(len(images.labels)) >= facts.train
    # Of the images as they are stored: another version of torch may round resized ones differently.
    findings = replace(
        of_arrays(images.pixels, images.labels, aside, facts.class_names),
        shape=(facts.channels, image_size or facts.size, image_size or facts.size),
    )
    pixels, labels = torch.from_numpy(images.pixels), torch.from_numpy(images.labels)
    if image_size not in (0, facts.size):
        pixels = resized(pixels, image_size)
    train, held_out = slice(facts.train), slice(facts.train, None)
    training = replace(place(pixels[train], labels[train], device), findings=findings)
    return training, place(pixels[held_out], labels[held_out], device)


def findings_of(train: ImageSet, held_out: ImageSet, class_names: tuple[str, ...], classes: int) -> Findings:
    """What is known about two sets that a node made on its own. classes: their number, if they have no names."""
    # Not joined: a set may be larger than the memory.
    pixels = [each.pixels.cpu().numpy() for each in (train, held_out)]
    labels = torch.cat([train.labels.cpu(), held_out.labels.cpu()]).numpy()
    aside = np.arange(len(labels)) >= train.count
    return of_arrays(pixels[0], labels, aside, class_names, classes, content_hash(*pixels))


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
    with open_source(find(source, home), preparation.rules) as opened:
        images, findings = read_with_findings(opened, source, home, preparation, held_out, progress)
    aside = torch.from_numpy(images.aside)
    pixels, labels, sizes = (torch.from_numpy(each) for each in (images.pixels, images.labels, images.sizes))
    train, held_out_images = (
        replace(
            place(pixels[chosen], labels[chosen], device),
            sizes=sizes[chosen],
            names=tuple(compress(images.names, chosen.tolist())),
        )
        for chosen in (~aside, aside)
    )
    return replace(train, findings=findings), held_out_images
