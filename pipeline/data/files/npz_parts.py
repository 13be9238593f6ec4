"""Finds the images and the labels of an `.npz` by the names, the lengths and the values of its arrays.

Names are read word by word: train_images and x_train are training images, y_val and labels_val their labels. Labels are
whole numbers, also if they are stored as floats, words or bytes, or vectors with a single 1. `npz_0_3.py` has the rules
of the runs that version 0.3 made.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.data.files.class_findings import some
from pipeline.data.files.natural import natural, one_form
from pipeline.data.files.source import escape_name
from pipeline.data.files.split_folders import HELD_OUT_WORDS, TRAIN_WORDS
from pipeline.errors.data import UnusableSource

IMAGE_NAMES = (
    "images", "image", "x", "pixels", "imgs", "img", "pictures", "photos", "data", "xs", "samples", "inputs", "input",
    "features", "arr_0",
)  # fmt: skip
LABEL_NAMES = (
    "labels", "label", "y", "targets", "target", "classes", "class", "ys", "class_labels", "class_label", "class_ids",
    "class_id", "categories", "category", "lbls", "lbl", "y_true", "arr_1",
)  # fmt: skip
GLUED_NAMES = frozenset((*IMAGE_NAMES, *LABEL_NAMES))
EXPECTED = (
    "It needs arrays `images` and `labels` (or x and y, or pixels), or MedMNIST's `train_images`, `train_labels`, …"
)
WORD = re.compile(r"[a-z]+|[0-9]+")
VALIDATION = frozenset(("val", "valid", "validation", "dev"))


class ArrayHeader(NamedTuple):
    """The header of an array in the file. bytes: size of its data."""

    shape: tuple[int, ...]
    fortran: bool
    dtype: np.dtype[np.generic]

    @property
    def bytes(self) -> int:
        return math.prod(self.shape) * self.dtype.itemsize

    @property
    def length(self) -> int:
        """The length of the array, 0 for a single number."""
        return self.shape[0] if self.shape else 0


class Part(NamedTuple):
    """An array of images and its labels; labels: "" if there are none."""

    images: str
    labels: str
    held_out: bool


class ArrayLabels(NamedTuple):
    """The labels of all parts. labels: (N,) indices into class_names; None without classes. parts: those in use."""

    parts: list[Part]
    labels: NDArray[np.int64] | None
    class_names: tuple[str, ...]
    notes: list[str]
    warnings: list[str]


class _Name(NamedTuple):
    """A name in words. part: train, test or the like, "" without. base: the other words."""

    part: str
    base: str


def find_parts(path: Path, headers: Mapping[str, ArrayHeader]) -> list[Part]:
    """The arrays of images, training images first, each with its labels. Raises UnusableSource if there are none."""
    names = {array: _read(array) for array in headers}
    images: dict[str, str] = {}
    for base in IMAGE_NAMES:
        for array, name in names.items():
            if name.base == base and len(headers[array].shape) in (3, 4):
                images.setdefault(name.part, array)
    if not images:
        stacks = [array for array, header in headers.items() if len(header.shape) in (3, 4)]
        named = [array for base in IMAGE_NAMES for array, name in names.items() if name.base == base]
        chosen = stacks[0] if len(stacks) == 1 else next(iter(named), "")
        if not chosen:
            arrays = ", ".join(escape_name(array) for array in list(headers)[:8]) or "none"
            raise UnusableSource(str(path), f"none of its arrays is known to hold images (it has {arrays})", EXPECTED)
        images = {names[chosen].part: chosen}
    train = sorted(part for part in images if part in TRAIN_WORDS)
    held_out = sorted(
        (part for part in images if part in HELD_OUT_WORDS), key=lambda part: (part not in VALIDATION, part)
    )
    # Without training images under that name, arrays of no part are the set; and without these, the first of all.
    used = [*train[:1], *held_out] if train else ["" if "" in images else held_out[0]]
    return [
        Part(images[part], _labels_of(images[part], part, names, headers), part in held_out and bool(train))
        for part in used
    ]


def find_labels(
    path: Path,
    headers: Mapping[str, ArrayHeader],
    parts: Sequence[Part],
    read: Callable[[str], NDArray[np.generic]],
) -> ArrayLabels:
    """The labels of these parts. read: an array by its name. Raises UnusableSource for labels that cannot be meant."""
    notes: list[str] = []
    warnings: list[str] = []
    kept = list(parts)
    if parts[0].labels:
        lacking = [part for part in parts if not part.labels]
        kept = [part for part in parts if part.labels]
        warnings += [f"{part.images} is left out: it has no labels, unlike {parts[0].images}." for part in lacking]
    found = None if not kept[0].labels else _values(path, headers, kept, read, warnings, notes)
    unused = _unused(headers, kept)
    if found is None:
        if not kept[0].labels:
            notes.append("It has no labels.")
        if unused:
            warnings.append(
                f"There is a value for each image in {some(unused)}, which is not used. Name it `labels` if it has the "
                "classes."
            )
        return ArrayLabels([part._replace(labels="") for part in kept], None, (), notes, warnings)
    if unused:
        notes.append(f"There is also a value for each image in {some(unused)}, which is not used.")
    values, places = np.unique(found, return_inverse=True)
    words = values.tolist()
    order = sorted(range(len(words)), key=lambda place: natural(words[place])) if values.dtype.kind == "U" else None
    if order is not None:
        rank = np.argsort(np.array(order))
        places, words = rank[places.reshape(-1)], [words[place] for place in order]
    class_names = tuple(escape_name(str(word)[:100]) for word in words)
    return ArrayLabels(kept, places.astype(np.int64).reshape(-1), class_names, notes, warnings)


def where(path: Path, name: str) -> str:
    """An array, named in messages."""
    return f"The array {name[:60]!r} of {path}"


def shape_words(shape: Sequence[int]) -> str:
    """A shape in messages, such as 3×28×28."""
    return "×".join(map(str, shape)) or "empty"


def _read(array: str) -> _Name:
    words = [part for word in WORD.findall(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", array).lower()) for part in _parts(word)]
    parts = [word for word in words if word in TRAIN_WORDS | HELD_OUT_WORDS]
    return _Name(parts[0] if parts else "", "_".join(word for word in words if word not in parts[:1]))


def _parts(word: str) -> list[str]:
    """A word, or two if a part of a split is written together with the name of images or labels: xtrain, testlabels."""
    for part in (*TRAIN_WORDS, *HELD_OUT_WORDS):
        for name, parts in (
            (word.removeprefix(part), [part, word.removeprefix(part)]),
            (word.removesuffix(part), [word.removesuffix(part), part]),
        ):
            if name != word and name in GLUED_NAMES:
                return parts
    return [word]


def _labels_of(images: str, part: str, names: Mapping[str, _Name], headers: Mapping[str, ArrayHeader]) -> str:
    """The array of labels for an array of images: the first known name, best one of the right length; "" if none."""
    known = [
        array
        for base in LABEL_NAMES
        for array, name in names.items()
        if name == (part, base) and array != images and len(headers[array].shape) <= 2
    ]
    fitting = [array for array in known if headers[array].length == headers[images].length]
    return next(iter([*fitting, *known]), "")


def _unused(headers: Mapping[str, ArrayHeader], parts: Sequence[Part]) -> list[str]:
    used = {name for part in parts for name in (part.images, part.labels)}
    counts = {headers[part.images].length for part in parts}
    return [
        escape_name(name)
        for name, header in headers.items()
        if name not in used and header.length in counts and math.prod(header.shape[1:]) == 1
    ]


def _values(
    path: Path,
    headers: Mapping[str, ArrayHeader],
    parts: Sequence[Part],
    read: Callable[[str], NDArray[np.generic]],
    warnings: list[str],
    notes: list[str],
) -> NDArray[np.generic] | None:
    """The labels of all parts (N,), whole numbers or words; None, with a sentence, if they are not classes."""
    arrays = []
    for part in parts:
        header, count = headers[part.labels], headers[part.images].length
        if header.shape[:1] != (count,):
            reason = f"there are {count:,} images, but its shape is {shape_words(header.shape)}"
            raise UnusableSource(where(path, part.labels), reason)
        if header.dtype.kind not in "iubUSf":
            reason = f"it holds {header.dtype}, but labels must be whole numbers or words"
            raise UnusableSource(where(path, part.labels), reason)
        array = read(part.labels)
        values = math.prod(header.shape[1:])
        if values != 1:
            if not _one_hot(array):
                notes.append(f"Its labels have {values} values each, so they are not used as classes.")
                return None
            array = array.argmax(axis=1)
        array = array.reshape(-1)
        if array.dtype.kind == "f":
            if not np.array_equal(array, np.rint(array)) or np.abs(array).max(initial=0) >= 2**53:
                fraction = next(
                    value for value in array.tolist() if not float(value).is_integer() or abs(value) >= 2**53
                )
                warnings.append(f"{part.labels} has values such as {fraction:g}, so they are not used as classes.")
                return None
            array = array.astype(np.int64)
        arrays.append(_words(array) if array.dtype.kind in "US" else array)
    if len({array.dtype.kind == "U" for array in arrays}) > 1:
        arrays = [array.astype(np.str_) for array in arrays]
    return np.concatenate(arrays)


def _one_hot(array: NDArray[np.generic]) -> bool:
    """Whether each row has a single 1, and zeros otherwise."""
    if array.ndim != 2 or array.shape[1] < 2 or array.dtype.kind not in "iubf":
        return False
    return bool(((array == 0) | (array == 1)).all() and ((array == 1).sum(axis=1) == 1).all())


def _words(array: NDArray[np.generic]) -> NDArray[np.str_]:
    words = [
        word.decode("utf-8", "backslashreplace") if isinstance(word, bytes) else str(word) for word in array.tolist()
    ]
    return np.array([one_form(word) for word in words], dtype=np.str_)
