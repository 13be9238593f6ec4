"""Caches sources that have been read, so that the next start has their images at once.

One file per source and preparation, named by a digest of both: if an image changes, so does the digest, and the source
is read again. The least recently used files are deleted.
"""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from pipeline.data.array_cache import load_arrays, save_arrays
from pipeline.data.files.read_images import ReadImages
from pipeline.data.files.reading import read
from pipeline.data.files.shades import Scale, Scales
from pipeline.data.files.source import BrokenFile, ImageSource, digest
from pipeline.data.fitting import Preparation
from pipeline.data.pixel_statistics import content_hash
from pipeline.data.progress import ReadProgress, no_progress

KEPT_SOURCES = 12
"""Maximum number of cache files; those of named sets are not counted."""

PREFIX = "files-"
FORMAT = 3
"""Part of the digest: increase it whenever the same source would be read differently than before."""


def read_cached(
    source: ImageSource, preparation: Preparation, folder: Path, progress: ReadProgress = no_progress
) -> ReadImages:
    """The images of a source, from the cache in `folder` if they are there; otherwise read and cached. Raises like
    `read`."""
    file = folder / f"{PREFIX}{_key(source, preparation)}.npz"
    if (images := _load(file)) is not None:
        progress("Reading images", len(images.labels), len(images.labels))
        return images
    images = read(source, preparation, progress)
    # Once here, so that the next start need not hash them again.
    images = replace(images, content=content_hash(images.pixels))
    # The cache only saves time: a read-only or full disk must not prevent training.
    with suppress(OSError):
        _save(file, images)
        _make_room(folder)
    return images


def cached_scales(source: ImageSource, preparation: Preparation, folder: Path) -> Scales | None:
    """The scales with which a source was read, from the cache in `folder`; None if it is not there."""
    file = folder / f"{PREFIX}{_key(source, preparation)}.npz"
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            facts = json.loads(arrays["facts"].tobytes())
        return {kind: Scale(black, white) for kind, (black, white) in facts["scales"].items()}
    except (OSError, ValueError, TypeError, EOFError, KeyError, BadZipFile):
        return None


def _key(source: ImageSource, preparation: Preparation) -> str:
    facts = (FORMAT, str(source.path.resolve()), source.signature(), source.rules, preparation)
    return digest(repr(facts))[:32]


def _load(file: Path) -> ReadImages | None:
    arrays = load_arrays(file)
    try:
        if arrays is None:
            return None
        facts: Mapping[str, Any] = json.loads(arrays["facts"].tobytes())
        images = ReadImages(
            pixels=arrays["pixels"],
            labels=arrays["labels"],
            sizes=arrays["sizes"],
            held_out=arrays.get("held_out"),
            names=facts["names"],
            class_names=tuple(facts["class_names"]),
            modes=facts["modes"],
            broken=tuple(BrokenFile(*each) for each in facts["broken"]),
            notes=tuple(facts["notes"]),
            warnings=tuple(facts["warnings"]),
            scale=facts["scale"],
            content=facts["content"],
            captions=facts["captions"],
            duplicates=tuple(map(tuple, facts["duplicates"])),
            scales={kind: (black, white) for kind, (black, white) in facts["scales"].items()},
        )
    except (KeyError, ValueError, TypeError):
        return None
    whole = images.pixels.dtype == np.uint8 and len(images.pixels) == len(images.labels) == len(images.names)
    if not whole:
        return None
    with suppress(OSError):
        os.utime(file)
    return images


def _save(file: Path, images: ReadImages) -> None:
    facts = {
        "names": list(images.names),
        "class_names": images.class_names,
        "modes": dict(images.modes),
        "broken": images.broken,
        "notes": images.notes,
        "warnings": images.warnings,
        "scale": images.scale,
        "content": images.content,
        "captions": None if images.captions is None else list(images.captions),
        "duplicates": images.duplicates,
        "scales": dict(images.scales),
    }
    arrays: dict[str, NDArray[Any]] = {
        "pixels": images.pixels,
        "labels": images.labels,
        "sizes": images.sizes,
        "facts": np.frombuffer(json.dumps(facts).encode(), np.uint8),
    }
    save_arrays(file, arrays if images.held_out is None else {**arrays, "held_out": images.held_out})


def _make_room(folder: Path) -> None:
    files = sorted(folder.glob(f"{PREFIX}*.npz"), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in files[KEPT_SOURCES:]:
        file.unlink(missing_ok=True)
