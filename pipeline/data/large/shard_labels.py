"""Labels of images in shards, and the classes that they make.

Whole numbers and words are labels. A class is a name and an index, as in folders: numbers are ordered by value, words
naturally; a source with both takes all as words.
"""

import json
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from pipeline.data.files.natural import natural
from pipeline.data.files.source import escape_name
from pipeline.errors.data import UnusableSource

Label = int | str
NONE = -1
"""The code of an image without a label."""

KEYS = ("label", "labels", "cls", "class")
"""Columns and entries of a JSON object that hold the label, the first that is there."""

LONGEST = 200
"""Characters of the name of a class."""


class Labels:
    """The labels of a source while it is listed: each image has the code of its label."""

    def __init__(self) -> None:
        self._codes: dict[Label, int] = {}

    def code(self, label: Label | None) -> int:
        """The code of a label, NONE for no label."""
        return NONE if label is None else self._codes.setdefault(label, len(self._codes))

    def classes(self, codes: NDArray[np.int64], names: Mapping[int, str]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
        """The label of each image (N,), NONE for an image without one, and the names of the classes.

        names: of labels that are numbers, as far as the source names them.
        """
        labels = list(self._codes)
        if not all(isinstance(label, int) for label in labels):
            labels = [str(label) for label in labels]
        ordered = sorted(
            set(labels), key=lambda label: (label, ()) if isinstance(label, int) else (0, (natural(label), label))
        )
        place = {label: index for index, label in enumerate(ordered)}
        table = np.array([*(place[label] for label in labels), NONE], np.int64)
        shown = [names.get(label, str(label)) if isinstance(label, int) else label for label in ordered]
        # The last entry of the table is that of NONE.
        return table[codes], tuple(escape_name(each) for each in shown)


def label_in_text(content: bytes, where: str) -> Label | None:
    """The label in a `.cls`: a whole number or a word; None for -1. Raises UnusableSource."""
    text = content.decode("utf-8", "replace").strip()
    if not text or len(text) > LONGEST or "\n" in text:
        raise UnusableSource(where, "it holds no label: neither a whole number nor the name of a class")
    return as_label(int(text) if text.removeprefix("-").isdecimal() else text, where)


def label_in_json(content: bytes, where: str) -> Label | None:
    """The label in a `.json` object; None if it has none. Raises UnusableSource."""
    try:
        found = json.loads(content)
    except ValueError:
        raise UnusableSource(where, "it is no JSON") from None
    if not isinstance(found, dict):
        return None
    key = next((key for key in KEYS if key in found), None)
    return None if key is None else as_label(found[key], where)


def as_label(value: object, where: str) -> Label | None:
    """A stored value as a label; None for a missing one. Raises UnusableSource for what is no label, such as 0.5."""
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value == NONE):
        # -1 is what sets hold whose labels are kept secret.
        return None
    if isinstance(value, bool) or not isinstance(value, int | str) or not str(value)[:LONGEST].strip():
        shown = str(value)[:40]
        reason = f"its label {shown!r} is neither a whole number nor the name of a class"
        raise UnusableSource(where, reason, "Store labels as integers or as texts.")
    if isinstance(value, str):
        try:
            float(value)
        except ValueError:
            return value
        if value.strip().isdecimal():
            return int(value)
        return as_label(float(value), where)
    return value
