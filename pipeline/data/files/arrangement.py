"""Arranges the files of a folder, a zip or a tar: which pictures are used, their order, classes, split and captions.

    folder_structure.py   classes and split from folders
    label_tables.py       labels and captions from tables such as dataset.json or labels.csv
    captions.py           captions from text files beside pictures

The result depends only on the names and the tables, not on the order in which files are listed. Every picture is either
used or left out with a reason. `arrangement_0_3.py` has the rules of the runs that version 0.3 made.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple, TypeVar

import numpy as np

from pipeline.data.files.captions import Captions, captions_beside
from pipeline.data.files.class_findings import (
    WITHOUT_TRAINING,
    class_warnings,
    only_held_out,
    some,
    without_classes,
)
from pipeline.data.files.folder_structure import FolderStructure, Placed, folder_structure
from pipeline.data.files.label_tables import MOST_FAULTS, STYLEGAN, Label, LabelTable, read_tables
from pipeline.data.files.natural import in_order, natural, one_form
from pipeline.data.files.picture_index import PictureIndex
from pipeline.data.files.source import BrokenFile, Entries, escape_name

WITHOUT_LABEL = "it is without a label in the table"
NONE_HELD_OUT = "None of its own held-out images can be used: a share of the training images is held out instead."
TABLE_SHARE = 0.5
"""A table decides the classes if it has labels for more than this share of the training images."""


class TreeFiles(NamedTuple):
    """The files of a source, with `/` between the parts of their names. pictures: files named like pictures. texts:
    other files that may hold labels or captions. content: the bytes of one of `texts`, at most so many. folder: the
    path of a folder, for advice on which source to name; "" if the files are in an archive."""

    pictures: Sequence[str]
    texts: Sequence[str]
    content: Callable[[str, int], bytes]
    folder: str = ""


class Arrangement(NamedTuple):
    """What is made of the files. names: pictures in use, in the order of the entries. used_texts: files with labels or
    captions that are in use."""

    names: list[str]
    entries: Entries
    left_out: list[BrokenFile]
    notes: list[str]
    warnings: list[str]
    used_texts: frozenset[str]


def arrange(files: TreeFiles, where: str) -> Arrangement:
    """Arrange the files of a source. where: names it in messages. Raises UnusableSource for unusable tables."""
    pictures = in_order(files.pictures)
    tables = read_tables(files.texts, files.content, where)
    matched = _Matched(pictures, tables)
    labels, structure = _labels(pictures, matched)
    placed = structure.placed
    left_out, warnings = dict(structure.left_out), [*structure.warnings]
    if labels is not None:
        left_out |= {each.name: WITHOUT_LABEL for each in placed if each.name not in labels}
        placed = [each for each in placed if each.name in labels]
    entries = _entries(placed, labels, split=structure.split)
    if unwanted := only_held_out(entries.labels, len(entries.class_names), entries.held_out):
        entries, keep, warning = without_classes(entries, unwanted)
        stays = keep.tolist()
        left_out |= {each.name: WITHOUT_TRAINING for each, kept in zip(placed, stays, strict=True) if not kept}
        placed = [each for each, kept in zip(placed, stays, strict=True) if kept]
        warnings.append(warning)
    if structure.split and entries.held_out is None:
        warnings.append(NONE_HELD_OUT)
    names = [each.name for each in placed]
    captions, captioned, caption_notes = _captions(names, matched, files)
    notes, more = _folder_notes(placed, files.folder) if labels is None else ([], [])
    warnings += [*more, *_left_out_warnings(left_out), *class_warnings(entries.class_names), *matched.warnings]
    return Arrangement(
        names,
        entries._replace(captions=captions),
        [BrokenFile(escape_name(name), left_out[name]) for name in in_order(left_out)],
        [
            *(structure.notes if entries.held_out is not None or not structure.split else []),
            *notes,
            *matched.notes,
            *caption_notes,
        ],
        warnings,
        frozenset((*(table.name for table in tables if table.name in matched.used), *captioned)),
    )


Value = TypeVar("Value")


def _add(into: dict[str, Value], values: Mapping[str, Value], found: Mapping[str, str | None]) -> None:
    """Add what a table says to what is known by picture; what was known first stays. found: pictures by file."""
    for file, value in values.items():
        if (picture := found[file]) is not None:
            into.setdefault(picture, value)


class _Matched:
    """The lines of tables, by the pictures that they mean."""

    def __init__(self, pictures: Sequence[str], tables: Sequence[LabelTable]) -> None:
        self.labels: dict[str, Label] = {}
        self.captions: dict[str, str] = {}
        self.labelled_by: list[LabelTable] = []
        self.captioned_by: list[str] = []
        self.used: set[str] = set()
        self.notes: list[str] = []
        self.warnings: list[str] = []
        self.forced = False
        index = PictureIndex(pictures if tables else ())
        for table in tables:
            self._take(table, index)

    def _take(self, table: LabelTable, index: PictureIndex) -> None:
        stem = PurePosixPath(table.name).stem
        found = {file: index.find(file, table.folder, stem) for file in table.files}
        missing = [file for file, picture in found.items() if picture is None]
        stylegan = PurePosixPath(table.name).name.lower() == STYLEGAN and table.labelled
        shown = escape_name(table.name)
        if len(missing) == len(found) and not stylegan:
            self._faults(table)
            if table.known and found:
                self.warnings.append(f"{shown} is not used: no line of it names one of the pictures.")
            return
        self.used.add(table.name)
        self.forced |= stylegan
        if table.labelled:
            self.labelled_by.append(table)
        _add(self.labels, table.labels, found)
        _add(self.captions, table.captions, found)
        if table.captions:
            self.captioned_by.append(shown)
        self._faults(table)
        if missing:
            one = len(missing) == 1
            files = some([escape_name(each) for each in missing])
            lines = f"1 line of {shown} names" if one else f"{len(missing):,} lines of {shown} name"
            self.warnings.append(f"{lines} no single picture of the set: {files}.")

    def _faults(self, table: LabelTable) -> None:
        shown = escape_name(table.name)
        if not (table.known or table.name in self.used):
            # A table of something else.
            return
        for fault in table.faults[:MOST_FAULTS]:
            self.warnings.append(f"{shown}{',' if fault.startswith('line ') else ''} {escape_name(fault)}.")
        if len(table.faults) > MOST_FAULTS:
            self.warnings.append(f"{shown} has {len(table.faults) - MOST_FAULTS:,} more lines that cannot be used.")


def _labels(pictures: Sequence[str], matched: _Matched) -> tuple[Mapping[str, Label] | None, FolderStructure]:
    """The labels from tables, None if folders decide, and the structure of the folders."""
    if matched.labels or matched.forced:
        structure = folder_structure(pictures, classed=False)
        train = [each.name for each in structure.placed if not each.held_out]
        labelled = sum(name in matched.labels for name in train)
        tables = " and ".join(escape_name(table.name) for table in matched.labelled_by)
        if not matched.labels:
            matched.notes.append(f"{tables} has no labels: the images have none, and its folders are not classes.")
            return None, structure
        if matched.forced or labelled > TABLE_SHARE * len(train):
            matched.notes.append(f"The labels are those of {tables}.")
            return matched.labels, structure
        matched.warnings.append(
            f"{tables} has labels for only {labelled:,} of {len(train):,} training images, so they are not used."
        )
    return None, folder_structure(pictures)


def _entries(placed: Sequence[Placed], labels: Mapping[str, Label] | None, *, split: bool) -> Entries:
    values: list[Label] = []
    if labels is not None:
        values = [labels[each.name] for each in placed]
        if not all(isinstance(value, int) for value in values):
            values = [str(value) for value in values]
    elif any(each.folder for each in placed):
        values = [one_form(each.folder) for each in placed]
    # Numbers by value, words in natural order.
    classes = sorted(
        set(values), key=lambda value: (value, ()) if isinstance(value, int) else (0, (natural(value), value))
    )
    place = {value: index for index, value in enumerate(classes)}
    held_out = np.array([each.held_out for each in placed], dtype=np.bool_)
    return Entries(
        [escape_name(each.name) for each in placed],
        np.array([place[value] for value in values] if values else [0] * len(placed), dtype=np.int64),
        tuple(escape_name(str(value)) for value in classes),
        held_out if split and held_out.any() and not held_out.all() else None,
    )


def _captions(
    names: Sequence[str], matched: _Matched, files: TreeFiles
) -> tuple[Captions | None, frozenset[str], list[str]]:
    """The captions of pictures, None if none has one, the text files that hold them, and a note."""
    beside = captions_beside(names, files.texts, files.content)
    known = [matched.captions.get(name, "") for name in names]
    if not beside and not any(known):
        return None, frozenset(), []
    captions = Captions(known, [beside.get(name, "") for name in names], files.content)
    lacking = [escape_name(name) for name, present in zip(names, captions.present, strict=True) if not present]
    origin = [*matched.captioned_by, *(["text files beside the images"] if beside else [])]
    note = f"{len(names) - len(lacking):,} of {len(names):,} images have a caption (from {' and '.join(origin)})"
    return captions, frozenset(beside.values()), [f"{note}; without one: {some(lacking)}." if lacking else f"{note}."]


def _folder_notes(placed: Sequence[Placed], folder: str) -> tuple[list[str], list[str]]:
    """Notes and warnings about folders inside class folders."""
    deep = [each for each in placed if each.inner]
    if not deep:
        return [], []
    inner = {one_form(each.inner) for each in deep}
    shown = some([escape_name(each) for each in in_order({f"{each.folder}/{each.inner}" for each in deep})])
    loose = {each.folder for each in placed if not each.inner}
    several = any(count > 1 for count in Counter(folder for folder, _ in {(e.folder, e.inner) for e in deep}).values())
    if len(inner) == 1 or {each.folder for each in deep} <= loose or (loose and not several):
        return [f"{len(deep):,} images are in folders inside of class folders and are of that class: {shown}."], []
    deep = [each for each in deep if each.folder not in loose]
    first = deep[0]
    outer = first.name.split("/")
    place = "/".join(outer[: outer.index(first.folder) + 1]) if first.folder in outer else first.folder
    choice = (
        f"name one of the outer ones as the source, such as {escape_name(f'{folder}/{place}')}, or " if folder else ""
    )
    return [], [
        f"Class folders hold only folders ({shown}): the outer ones are taken as classes. For the inner ones, "
        f"{choice}put the inner ones side by side."
    ]


def _left_out_warnings(left_out: Mapping[str, str]) -> list[str]:
    """A sentence for each reason, which names a few pictures, or their folders with counts."""
    by_reason: dict[str, list[str]] = defaultdict(list)
    for name in in_order(left_out):
        if left_out[name] != WITHOUT_TRAINING:
            by_reason[left_out[name]].append(name)
    sentences = []
    for reason, names in by_reason.items():
        count = "1 picture is" if len(names) == 1 else f"{len(names):,} pictures are"
        shown = [escape_name(name) for name in names]
        if len(names) > 3:
            folders = Counter(name.rpartition("/")[0] for name in names)
            if len(folders) > 1 or "" not in folders:
                shown = [
                    f"{escape_name(each) or 'outside of folders'} ({number:,})" for each, number in folders.items()
                ]
        sentences.append(f"{count} left out, {reason.removeprefix('it is ')}: {some(shown)}.")
    return sentences
