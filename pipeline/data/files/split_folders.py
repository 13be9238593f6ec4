"""Recognises folders that are named like the parts of a split: train, training_set, seg_test, Val2017, trainA."""

import re
from collections.abc import Collection, Mapping
from typing import Literal, NamedTuple

Side = Literal["train", "held out"]

TRAIN_WORDS = frozenset(("train", "training", "trn", "trainval"))
HELD_OUT_WORDS = frozenset((
    "val", "valid", "validation", "validate", "validating", "dev", "devel", "eval", "evaluation", "test", "tests",
    "testing", "tst", "holdout", "heldout",
))  # fmt: skip
BESIDE_WORDS = frozenset((
    "unlabeled", "unlabelled", "unlabel", "unsup", "unsupervised", "extra", "extras", "pred", "preds", "predict",
    "prediction", "predictions", "result", "results", "output", "outputs",
))  # fmt: skip
"""Folders that often lie beside a split and belong to neither side."""

FILLERS = frozenset((
    "set", "sets", "data", "dataset", "datasets", "image", "images", "img", "imgs", "picture", "pictures", "pic",
    "pics", "photo", "photos", "sample", "samples", "split", "splits", "folder", "dir", "file", "files", "raw", "full",
    "all", "png", "pngs", "jpg", "jpgs", "jpeg", "jpegs", "seg",
))  # fmt: skip
"""Words that say nothing about what is in a folder."""

WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+")
GLUED = re.compile(r"(.+?)(sets?|data|images?|imgs?|folder|dir)")


class FolderName(NamedTuple):
    """A folder's name. side: of a split, None if it is not named like one. rest: the other words that tell folders
    apart, such as "a" of trainA."""

    side: Side | None
    rest: str


def read_name(name: str) -> FolderName:
    """The side of the split that a folder is named after, and what else its name says."""
    words = [part for word in WORD.findall(name) for part in _parts(word.lower())]
    # "held_out" and "hold-out" are two words.
    text = " ".join(words).replace("held out", "heldout").replace("hold out", "holdout")
    words = text.split()
    sides = {word for word in words if word in TRAIN_WORDS | HELD_OUT_WORDS}
    rest = "_".join(word for word in words if word not in sides | FILLERS)
    if sides & TRAIN_WORDS and sides <= TRAIN_WORDS | {"val", "valid", "validation"}:
        # train_val is used for training, next to a test.
        return FolderName("train", rest)
    if len(sides) == 1:
        return FolderName("held out", rest)
    return FolderName(None, name.lower() if sides else rest)


def is_generic(name: str) -> bool:
    """Whether a folder's name says nothing about its pictures: images, data, train; not 2017, which may be a class."""
    return not read_name(name).rest and bool(WORD.search(name))


def looks_like_part_of_a_split(name: str) -> bool:
    """Whether a class of this name is probably a part of a split that was not recognised."""
    found = read_name(name)
    return (found.side is not None and not found.rest) or found.rest in BESIDE_WORDS


class Split(NamedTuple):
    """Folders that form a split. sides: of each folder that belongs to it. classes: the class that a folder's name
    adds, "" for none. beside: folders that belong to neither side."""

    sides: Mapping[str, Side]
    classes: Mapping[str, str]
    beside: tuple[str, ...]


def find_split(folders: Collection[str]) -> Split | None:
    """The split that these folders beside each other form, with folders on both sides; None if they form none."""
    names = {folder: read_name(folder) for folder in folders}
    sides = {folder: found.side for folder, found in names.items() if found.side}
    groups: dict[str, set[Side]] = {}
    for folder, side in sides.items():
        groups.setdefault(names[folder].rest, set()).add(side)
    whole = {rest for rest, found in groups.items() if len(found) == 2}
    if not whole and len(set(sides.values())) == 2 and "" in groups and len(groups) == 2 and len(sides) == len(names):
        # flowers_train beside test.
        whole = set(groups)
        classed = False
    else:
        # trainA, trainB, testA, testB: what tells them apart is the class.
        classed = len(whole) > 1
    if not whole:
        return None
    used = {folder: side for folder, side in sides.items() if names[folder].rest in whole}
    return Split(
        used,
        {folder: names[folder].rest if classed else "" for folder in used},
        tuple(sorted(set(folders) - set(used))),
    )


def _parts(word: str) -> list[str]:
    """A word, or two if they are written as one: trainset."""
    glued = GLUED.fullmatch(word)
    if glued and glued[1] in TRAIN_WORDS | HELD_OUT_WORDS:
        return [glued[1], glued[2]]
    return [word]
