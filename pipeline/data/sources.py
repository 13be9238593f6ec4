"""Turns a named set or a source of files into two ImageSets: one for training, one held out.

The training set carries the findings on both: what to say where a run is started, and hashes of what was decoded.
"""

from dataclasses import replace
from itertools import compress
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from pipeline.data.device_placement import place
from pipeline.data.files.opening import find
from pipeline.data.files.source import digest
from pipeline.data.findings import Findings, of_arrays, of_labels
from pipeline.data.findings_cache import keep_findings, read_with_findings
from pipeline.data.fitting import Preparation
from pipeline.data.images import ImageSet, Streaming, hash_of, resized
from pipeline.data.large.choosing import AUTOMATIC, Decoding
from pipeline.data.large.indexed import IndexedSource
from pipeline.data.large.later import LaterImages, look_at, open_for_later
from pipeline.data.large.one_at_a_time import one_at_a_time
from pipeline.data.large.packing import packed
from pipeline.data.named import read_named
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
    labels = torch.cat([train.labels.cpu(), held_out.labels.cpu()]).numpy()
    aside = np.arange(len(labels)) >= train.count
    kind = "pictures" if isinstance(train.pixels, Tensor) else "files"
    return of_labels(labels, aside, class_names, classes, train.shape, {kind: hash_of(train, held_out)})


def load_files(
    source: str,
    preparation: Preparation,
    held_out: float,
    device: torch.device | str,
    home: Path,
    progress: ReadProgress = no_progress,
    decoding: Decoding = AUTOMATIC,
) -> tuple[ImageSet, ImageSet]:
    """The training images and the held-out images of a folder, a zip, an array file or shards, with their original
    sizes if they are read whole.

    held_out: share to hold out if the source has no split. home: where uploads and cached images are. Of several
    processes, one lists or reads a source, and the others wait for what it keeps in the home. Raises UnusableSource,
    and anything `progress` raises to stop it.
    """
    path = find(source, home)
    opened, later = open_for_later(path, home, preparation, decoding, progress)
    if later and isinstance(opened, IndexedSource):
        found = look_at(packed(opened, home, progress), preparation, held_out, later, progress)
        keep_findings(found.findings, source, home, preparation, held_out, decoding)
        return _decoded_later(found, torch.device(device))
    with opened, one_at_a_time(home / "data" / f"{digest(str(path))[:32]}.lock", progress):
        images, findings = read_with_findings(opened, source, home, preparation, held_out, progress, decoding)
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


def _decoded_later(found: LaterImages, device: torch.device) -> tuple[ImageSet, ImageSet]:
    """The training images and the held-out images of a source that is decoded while training."""
    sets = []
    for side in (False, True):
        images, labels, names = found.side(side)
        streaming = Streaming(device, 0, found.later)
        sets.append(ImageSet(images, torch.from_numpy(labels).to(device), streaming, names=names))
    return replace(sets[0], findings=found.findings), sets[1]
