"""Finds the images and the labels of an `.npz` as version 0.3 did, for the runs that it made.

Never change it: a run resumes exactly only if its images keep their labels and split. Today's rules are in
`npz_parts.py`.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.data.files.npz_parts import EXPECTED, ArrayHeader, Part, shape_words, where
from pipeline.errors.data import UnusableSource

TRAINING = (("train_images", "train_labels"), ("x_train", "y_train"))
HELD_OUT = (
    ("val_images", "val_labels"), ("test_images", "test_labels"),
    ("x_val", "y_val"), ("x_valid", "y_valid"), ("x_test", "y_test"),
)  # fmt: skip
WHOLE = (("images", "labels"), ("x", "y"), ("pixels", "labels"), ("data", "labels"), ("arr_0", "arr_1"))
"""Names of arrays of images and of their labels, in lower case."""


def find_parts(path: Path, headers: Mapping[str, ArrayHeader]) -> list[Part]:
    known = {name.lower(): name for name in headers}

    def found(pairs: Sequence[tuple[str, str]], held_out: bool) -> list[Part]:
        return [Part(known[x], known.get(y, ""), held_out) for x, y in pairs if x in known]

    if parts := found(TRAINING, held_out=False):
        return parts[:1] + found(HELD_OUT, held_out=True)
    if parts := found(WHOLE, held_out=False):
        return parts[:1]
    candidates = [name for name, header in headers.items() if len(header.shape) in (3, 4)]
    if len(candidates) == 1:
        labels = next((known[name] for name in ("labels", "y", "targets", "label") if name in known), "")
        return [Part(candidates[0], labels, held_out=False)]
    arrays = ", ".join(list(headers)[:8]) or "none"
    raise UnusableSource(str(path), f"none of its arrays is known to hold images (it has {arrays})", EXPECTED)


def find_labels(
    path: Path, headers: Mapping[str, ArrayHeader], parts: Sequence[Part], read: Callable[[str], NDArray[np.generic]]
) -> tuple[NDArray[np.generic] | None, list[str]]:
    """All labels (N,), or None if there are no usable ones, and notes for the user."""
    if any(not part.labels for part in parts):
        return None, ["It has no labels."]
    arrays = []
    for part in parts:
        header, count = headers[part.labels], headers[part.images].shape[0]
        named = where(path, part.labels)
        if header.shape[:1] != (count,):
            raise UnusableSource(named, f"there are {count:,} images, but its shape is {shape_words(header.shape)}")
        if math.prod(header.shape[1:]) != 1:
            return None, [
                f"Its labels have {math.prod(header.shape[1:])} values each, so they are not used as classes."
            ]
        if header.dtype.kind not in "iubU":
            raise UnusableSource(named, f"it holds {header.dtype}, but labels must be whole numbers or words")
        arrays.append(partial(read, part.labels))
    return np.concatenate([array().reshape(-1) for array in arrays]), []
