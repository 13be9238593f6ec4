"""What is probably not meant about the classes of a source: found from labels and names, before anything is decoded."""

import re
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.data.files.source import Entries, escape_name
from pipeline.data.files.split_folders import looks_like_part_of_a_split
from pipeline.formatting import listed

WITHOUT_TRAINING = "it is of a class without training images"
CHUNK = re.compile(r"[0-9]{4,}")
SHOWN = 5
"""Names in a sentence; more are counted."""


def some(names: Sequence[str]) -> str:
    """The first of these names as words, and how many more there are."""
    shown = [name[:60] for name in names[:SHOWN]]
    return listed([*shown, f"{len(names) - SHOWN:,} more"] if len(names) > SHOWN else shown)


def only_held_out(labels: NDArray[np.int64], classes: int, held_out: NDArray[np.bool_] | None) -> list[int]:
    """The classes that have held-out images, but none for training. labels: (N,). held_out: (N,), or None."""
    if held_out is None or classes < 1:
        return []
    trained = np.bincount(labels[~held_out], minlength=classes)
    aside = np.bincount(labels[held_out], minlength=classes)
    return [int(place) for place in np.flatnonzero((trained == 0) & (aside > 0))]


def unread_classes(entries: Entries, whole: NDArray[np.bool_]) -> list[str]:
    """The warning on classes whose training images are all broken. whole: which images (N,) could be read."""
    aside = np.zeros(len(whole), np.bool_) if entries.held_out is None else entries.held_out
    stored, read = (
        np.bincount(entries.labels[chosen], minlength=len(entries.class_names)) for chosen in (~aside, ~aside & whole)
    )
    names = [entries.class_names[place] for place in np.flatnonzero((stored > 0) & (read == 0)).tolist()]
    if not entries.class_names or not names:
        return []
    classes, them = (f"the class {names[0]}", "it") if len(names) == 1 else (f"the classes {some(names)}", "them")
    return [f"None of the training images of {classes} can be read, so networks cannot learn what to show for {them}."]


def without_classes(entries: Entries, unwanted: Sequence[int]) -> tuple[Entries, NDArray[np.bool_], str]:
    """The entries without these classes, which images stay (N,), and a warning."""
    keep = ~np.isin(entries.labels, unwanted)
    kept = [place for place in range(len(entries.class_names)) if place not in set(unwanted)]
    place_of = np.zeros(len(entries.class_names), np.int64)
    place_of[kept] = np.arange(len(kept))
    names = [name for name, stays in zip(entries.names, keep.tolist(), strict=True) if stays]
    held_out = None if entries.held_out is None else entries.held_out[keep]
    if held_out is not None and not held_out.any():
        held_out = None
    captions = entries.captions
    if captions is not None:
        raise ValueError("captions are added last")
    found = Entries(
        names, place_of[entries.labels[keep]], tuple(entries.class_names[place] for place in kept), held_out
    )
    gone, count = [entries.class_names[place] for place in unwanted], int((~keep).sum())
    images = "1 image is" if count == 1 else f"{count:,} images are"
    if len(gone) == 1:
        warning = (
            f"The class {gone[0]} is held out alone, never trained on: it is not counted, and its {images} left out."
        )
    else:
        warning = (
            f"The classes {some(gone)} are held out alone, never trained on: they are not counted, and their {images} "
            "left out."
        )
    return found, keep, warning


def class_warnings(class_names: Sequence[str]) -> list[str]:
    """Sentences about names of classes that are probably not meant."""
    warnings = []
    if len(class_names) == 1:
        warnings.append(
            f"All images are of one class, {class_names[0]}, so a network cannot learn to tell classes apart."
        )
    parts = [name for name in class_names if looks_like_part_of_a_split(name)]
    if parts and len(class_names) > 1:
        subject = f"The class {parts[0]} is" if len(parts) == 1 else f"The classes {some(parts)} are"
        warnings.append(
            f"{subject} named like a part of a split, but networks learn it like any other class. For a split, put "
            "the class folders into two folders named train and test."
        )
    alike: dict[str, list[str]] = defaultdict(list)
    for name in class_names:
        alike[name.casefold().strip()].append(name)
    warnings += [
        f"The classes {listed(names)} differ only in capitals, but count as different."
        for names in alike.values()
        if len(names) > 1
    ][:SHOWN]
    if len(class_names) > 1 and all(CHUNK.fullmatch(name) and name[0] == "0" for name in class_names[:-1]):
        warnings.append(
            f"The class folders {some(class_names)} are numbered: if they only divide a large set, there are no "
            "classes, and a table such as dataset.json or labels.csv can give them."
        )
    return [escape_name(each) for each in warnings]
