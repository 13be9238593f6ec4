"""Labels of images in shards, and the classes that they make.

Whole numbers and words are labels. A class is a name and an index, as in folders: numbers are ordered by value, words
naturally; a source with both takes all as words.
"""

import json
import math
import re
from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray

from pipeline.data.files.label_tables import FRACTION
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

WHOLE = re.compile(r"-?[0-9]{1,18}(\.0*)?")


class Labels:
    """The labels of a source while it is listed: each image has the code of its label."""

    def __init__(self) -> None:
        self._codes: dict[Label, int] = {}

    def code(self, label: Label | None) -> int:
        """The code of a label, NONE for no label."""
        return NONE if label is None else self._codes.setdefault(label, len(self._codes))

    def outside(self, names: Collection[int]) -> dict[int, int]:
        """The numbers among the labels that are not among these, each with its code."""
        return {each: code for each, code in self._codes.items() if isinstance(each, int) and each not in names}

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
    """The label in a `.cls`. Raises UnusableSource."""
    text = content.decode("utf-8", "replace").strip()
    if not text or len(text) > LONGEST or "\n" in text:
        raise UnusableSource(where, "it holds no label: neither a whole number nor the name of a class")
    return as_label(text, where)


def label_in_json(content: bytes, where: str) -> Label | None:
    """The label in a `.json` object; None if it has none. Raises UnusableSource."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        raise UnusableSource(where, "it is no JSON") from None
    if not isinstance(found, dict):
        return None
    key = next((key for key in KEYS if key in found), None)
    return None if key is None else as_label(found[key], where)


def as_label(value: object, where: str) -> Label | None:
    """A stored value as a label: a whole number, also as a text or as 3.0, or the name of a class.

    None for a missing one: null, NaN, or -1, which sets hold whose labels are kept secret. Raises UnusableSource for
    what is no label, such as 0.5.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    label = _label(value)
    if label is None:
        reason = f"its label {str(value)[:40]!r} is neither a whole number nor the name of a class"
        raise UnusableSource(where, reason, "Store labels as integers or as texts.")
    return None if label == NONE else label


def _label(value: object) -> Label | None:
    """A whole number or a word; None for what is neither."""
    if isinstance(value, str):
        text = value.strip()
        if WHOLE.fullmatch(text):
            return int(text.partition(".")[0])
        return text if 0 < len(text) <= LONGEST and not FRACTION.fullmatch(text) else None
    if isinstance(value, float) and value.is_integer():
        # A column of whole numbers, some of which are missing, is often stored like that.
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
