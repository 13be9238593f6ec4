"""What the network of the features sees in images, as arrays, kept in files so that it is computed once.

Features of real images are kept in `home/features`, those of generated images with their run.
"""

from collections.abc import Iterable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from pipeline.data.images import ImageSet, to_array
from pipeline.data.progress import ReadProgress
from pipeline.evaluation.features.signature import Features
from pipeline.evaluation.real_sets import RealSets
from pipeline.metrics.signature import Images
from pipeline.runs.atomic_files import make_folder, write_atomically

AT_ONCE = 2048
"""Images seen between two reports of progress; a multiple of the batch of the features."""
PIXEL_BYTES = 64_000_000
"""Limit of the pixels that are kept of each kind of images."""
KEPT_BYTES = 512_000_000
"""Limit of a file of arrays; larger ones are computed again."""
MOST_TRAINING = 100_000
"""Training images that metrics use, evenly spread over the set."""

Arrays = Mapping[str, NDArray[Any]]


def real_images_seen(real: RealSets, features: Features, home: Path, progress: ReadProgress) -> tuple[Images, Images]:
    """The training images and the held-out images as metrics know them. Raises what `progress` raises, CannotWrite."""
    folder = home / "features"
    found = []
    for kind, images in (("train", real.train), ("held-out", real.held_out)):
        path = folder / f"{real.content}-{features.digest}-{kind}.npz"
        places = spread(images.count)
        arrays = read(path, len(places))
        if arrays is None:
            arrays = _seen(images, places, features, progress, "training" if kind == "train" else "held-out")
            make_folder(folder)
            keep(path, arrays)
        found.append(
            Images(
                features=arrays["features"],
                probabilities=arrays.get("probabilities"),
                pixels=to_array(images.take(places[: pixels_kept(images)])),
                labels=images.labels[places].numpy() if len(real.class_names) > 1 else None,
            )
        )
    return found[0], found[1]


def spread(count: int) -> torch.Tensor:
    """The places of at most MOST_TRAINING of `count` images, evenly spread."""
    kept = min(count, MOST_TRAINING)
    return torch.arange(kept) * count // max(1, kept)


def pixels_kept(images: ImageSet) -> int:
    """How many images fit into PIXEL_BYTES."""
    return max(1, PIXEL_BYTES // int(np.prod(images.shape)))


def _seen(
    images: ImageSet, places: torch.Tensor, features: Features, progress: ReadProgress, kind: str
) -> dict[str, NDArray[Any]]:
    parts = []
    for start in range(0, len(places), AT_ONCE):
        progress(f"Describing {kind} images by features", start, len(places))
        parts.append(as_arrays(*features.of(images.take(places[start : start + AT_ONCE]))))
    return joined(parts)


def as_arrays(features: torch.Tensor, probabilities: torch.Tensor | None) -> dict[str, NDArray[Any]]:
    """What was seen, as arrays by name."""
    arrays = {"features": features.cpu().numpy().astype(np.float32)}
    if probabilities is not None:
        arrays["probabilities"] = probabilities.cpu().numpy().astype(np.float32)
    return arrays


def joined(parts: Iterable[Arrays]) -> dict[str, NDArray[Any]]:
    """The rows of all parts, in order."""
    found = list(parts)
    return {name: np.concatenate([part[name] for part in found]) for name in found[0]}


def read(path: Path, count: int) -> dict[str, NDArray[Any]] | None:
    """The first `count` rows of the arrays in a file; None if it is missing, damaged, or has fewer features."""
    try:
        with np.load(BytesIO(path.read_bytes()), allow_pickle=False) as archive:
            arrays = {name: archive[name][:count] for name in archive.files}
    except Exception:  # noqa: BLE001 - a damaged archive raises anything from BadZipFile to MemoryError
        return None
    known = arrays.get("features")
    if known is None or known.dtype != np.float32 or known.ndim != 2 or len(known) < count:
        return None
    return arrays


def keep(path: Path, arrays: Arrays) -> None:
    """Keep arrays in a file, whose folder exists, unless they are larger than KEPT_BYTES. Raises CannotWrite."""
    if sum(each.nbytes for each in arrays.values()) > KEPT_BYTES:
        return
    content = BytesIO()
    np.savez(content, allow_pickle=False, **dict(arrays))
    write_atomically(path, content.getvalue())
