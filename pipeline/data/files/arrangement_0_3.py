"""Derives classes and split from the names of picture files as version 0.3 did, for the runs that it made.

Never change it: a run resumes exactly only if its images keep their order, labels and split. Today's rules are in
`arrangement.py`.

    cats/1.png, dogs/2.png                  the first folder is the class
    1.png, 2.png                            no classes
    train/cats/1.png, test/cats/2.png       folders called train, val, test are a split, with classes inside
    photos/cats/1.png (in a zip)            a single folder around everything is ignored

Names are relative, with `/` between their parts.
"""

from collections.abc import Sequence

import numpy as np

from pipeline.data.files.source import BrokenFile, Entries, escape_name

TRAIN_FOLDERS = frozenset(("train", "training"))
HELD_OUT_FOLDERS = frozenset(("val", "valid", "validation", "test", "testing"))


def classes_from_names(names: Sequence[str], *, wrapped: bool = False) -> tuple[list[str], Entries, list[BrokenFile]]:
    """The names in use, their entries, and the files that are outside the class folders.

    wrapped: whether to ignore a folder around everything if it contains folders.
    """
    parts = [name.split("/") for name in sorted(names)]
    wrapper = parts[0][0] if wrapped and parts and _wrapped(parts) else ""
    split = _is_split([path[1:] if wrapper else path for path in parts])
    skipped = (1 if wrapper else 0) + (1 if split else 0)
    inner = [path[skipped:] for path in parts]
    classed = [len(path) > 1 for path in inner]
    broken: list[BrokenFile] = []
    if any(classed) and not all(classed):
        loose = [index for index, within in enumerate(classed) if not within]
        broken = [
            BrokenFile(escape_name("/".join(parts[index])), "it is next to the class folders, not in one")
            for index in loose
        ]
        parts = [path for path, within in zip(parts, classed, strict=True) if within]
        inner = [path for path, within in zip(inner, classed, strict=True) if within]
    used = ["/".join(path) for path in parts]
    folders = [path[0] for path in inner] if any(classed) else []
    classes = sorted(set(folders), key=_natural)
    place = {name: index for index, name in enumerate(classes)}
    labels = np.array([place[folder] for folder in folders] if folders else [0] * len(used), dtype=np.int64)
    split_at = 1 if wrapper else 0
    held_out = np.array([path[split_at].lower() in HELD_OUT_FOLDERS for path in parts], dtype=np.bool_)
    shown = [escape_name(name) for name in used]
    return used, Entries(shown, labels, tuple(map(escape_name, classes)), held_out if split else None), broken


def is_hidden(name: str) -> bool:
    """Whether an entry of a zip was passed over. In folders, only names that begin with a dot were."""
    parts = name.split("/")
    return parts[0] == "__MACOSX" or any(part.startswith(".") for part in parts)


def _wrapped(parts: Sequence[Sequence[str]]) -> bool:
    """Whether everything is in one folder, and there in folders."""
    return len({path[0] for path in parts}) == 1 and all(len(path) > 2 for path in parts)


def _is_split(parts: Sequence[Sequence[str]]) -> bool:
    """Whether the first folders are those of a split, with images on both sides."""
    first = {path[0].lower() if len(path) > 1 else "" for path in parts}
    return first <= TRAIN_FOLDERS | HELD_OUT_FOLDERS and bool(first & TRAIN_FOLDERS) and bool(first & HELD_OUT_FOLDERS)


def _natural(name: str) -> tuple[int, str]:
    """Sort key that puts numbers in numeric order: 10 after 9."""
    return (int(name) if name.isdecimal() and len(name) < 10 else -1), name
