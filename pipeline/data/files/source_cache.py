"""A source that has been read once is kept, so that the next start has its images in a moment.

One file for each source and preparation, named by a digest of both: when an image changes, the digest does, and the
source is read anew. What has not been used for longest makes room.
"""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.data.array_cache import load_arrays, save_arrays
from pipeline.data.files.reading import ReadImages, read
from pipeline.data.files.source import Broken, ImageSource, digest
from pipeline.data.fitting import Preparation
from pipeline.data.progress import ReadProgress, unwatched

KEPT_SOURCES = 12
"""Files of this kind at most; those of the named sets come on top."""

PREFIX = "files-"
FORMAT = 1
"""Part of the digest: raised whenever the same source would be read otherwise than before."""


def read_or_kept(
    source: ImageSource, preparation: Preparation, folder: Path, progress: ReadProgress = unwatched
) -> ReadImages:
    """The images of a source, from `folder` if they are there, and then in it. Raises as `read` does."""
    file = folder / f"{PREFIX}{_key(source, preparation)}.npz"
    if (images := _load(file)) is not None:
        progress("Reading images", len(images.labels), len(images.labels))
        return images
    images = read(source, preparation, progress)
    # Keeping it only saves time: a read-only or full disk is no reason not to train.
    with suppress(OSError):
        _save(file, images)
        _make_room(folder)
    return images


def _key(source: ImageSource, preparation: Preparation) -> str:
    facts = (FORMAT, str(source.path.resolve()), source.signature(), preparation)
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
            broken=tuple(Broken(*each) for each in facts["broken"]),
            notes=tuple(facts["notes"]),
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
