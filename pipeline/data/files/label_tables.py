"""Reads tables of labels and captions that lie beside pictures: dataset.json, metadata.jsonl, labels.csv and the like.

    dataset.json     {"labels": [["00000/img00000000.png", 6], …]}, as StyleGAN's dataset_tool writes it; or null
    *.jsonl          an object per line, such as {"file_name": "1.png", "text": "a caption", "label": 3}
    *.csv, *.tsv     a line per picture below the names of the columns; or `1.png,cat` without names of columns

Columns are recognised by their names. A line that cannot be used is named and left out; only a `dataset.json` is
refused as a whole, since without it its folders would be mistaken for classes.
"""

import csv
import io
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from pipeline.data.files.limits import MOST_CAPTION_BYTES, MOST_CAPTION_CHARACTERS, MOST_TABLE_BYTES, MOST_TABLES
from pipeline.data.files.natural import one_form
from pipeline.errors.data import UnusableSource

FILE_COLUMNS = (
    "file_name", "filename", "file", "file_path", "filepath", "path", "image_path", "img_path", "image_file",
    "image_name", "img_name", "imagename", "image", "img", "image_id", "img_id", "picture", "photo", "id", "id_code",
    "name",
)  # fmt: skip
LABEL_COLUMNS = (
    "label", "class", "category", "target", "labels", "classes", "class_name", "label_name", "category_name",
    "class_id", "label_id", "category_id", "class_label", "classname", "targets", "y",
)  # fmt: skip
CAPTION_COLUMNS = ("caption", "text", "prompt", "description", "captions", "sentence", "comment", "title")

STYLEGAN = "dataset.json"
KNOWN = ("metadata.jsonl", "metadata.csv", "labels.csv", "labels.jsonl", "labels.tsv", "train.csv")
"""Tables that are read first, and that are named if nothing in them fits."""

TABLE_ENDINGS = (".csv", ".tsv", ".jsonl")
LISTS = frozenset(("labels", "captions", "metadata", "annotations", "train", "test", "val", "valid", "list"))
"""Names of text files that may be tables; any other .txt may be the caption of one picture."""

MOST_FAULTS = 5
"""Lines that are named; more are counted."""

DELIMITERS = (",", "\t", ";", "|", " ")
WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.0*)?")
"""Whole numbers. With leading zeros they are words: 007 may be a code."""

FRACTION = re.compile(r"[-+]?[0-9]*\.[0-9]+([eE][-+]?[0-9]+)?")

Label = int | str


@dataclass
class LabelTable:
    """What a table says. labels, captions: by the name of a picture as the table writes it, with the line. labelled:
    whether it decides the classes; with no labels at all, the pictures have none. faults: sentences about lines that
    are left out."""

    name: str
    labels: dict[str, Label] = field(default_factory=dict)
    captions: dict[str, str] = field(default_factory=dict)
    files: dict[str, int] = field(default_factory=dict)
    labelled: bool = False
    faults: list[str] = field(default_factory=list)

    @property
    def folder(self) -> str:
        """The folder that it lies in, with a `/` at its end; "" for the source's own."""
        parent = str(PurePosixPath(self.name).parent)
        return "" if parent == "." else f"{parent}/"

    @property
    def known(self) -> bool:
        base = PurePosixPath(self.name).name.lower()
        return base in KNOWN or base == STYLEGAN

    def fault(self, line: int, words: str) -> None:
        self.faults.append(f"line {line:,} {words}")

    def add(self, line: int, file: str, label: Label | None, caption: str) -> None:
        """Add a picture. The first label and the first caption of a picture count."""
        file = plain_name(file)
        if not file:
            return self.fault(line, "names no picture")
        self.files.setdefault(file, line)
        if label is not None and self.labels.setdefault(file, label) != label:
            self.fault(line, f"gives {file[:60]!r} another label than an earlier line")
        if caption.strip():
            self.captions.setdefault(file, one_line(caption))
        return None


def is_table(name: str) -> bool:
    """Whether a file of this name may be a table of labels or captions."""
    base = name.rpartition("/")[2].lower()
    if base.endswith(".txt"):
        stem = base.removesuffix(".txt")
        return stem in LISTS or stem.removesuffix("_labels") in LISTS
    return base == STYLEGAN or base.endswith(TABLE_ENDINGS)


def read_tables(names: Sequence[str], content: Callable[[str, int], bytes], where: str) -> list[LabelTable]:
    """The tables in these files, the best known first. content: bytes of a file, at most this many.

    Raises UnusableSource for a dataset.json without usable labels.
    """

    def rank(name: str) -> tuple[bool, int, int, str]:
        base = PurePosixPath(name).name.lower()
        return base != STYLEGAN, KNOWN.index(base) if base in KNOWN else len(KNOWN), name.count("/"), name

    found = []
    for name in sorted(filter(is_table, names), key=rank)[:MOST_TABLES]:
        table = LabelTable(name)
        try:
            read = content(name, MOST_TABLE_BYTES + 1)
        except Exception as error:  # noqa: BLE001 - a table that cannot be read must not hide the pictures
            table.faults.append(f"cannot be read ({error})")
            read = b""
        if len(read) > MOST_TABLE_BYTES:
            table.faults.append(f"has more than the {MOST_TABLE_BYTES:,} bytes allowed, and is not used")
        elif PurePosixPath(name).name.lower() == STYLEGAN:
            _read_stylegan(table, read, where)
        elif name.lower().endswith(".jsonl"):
            _read_json_lines(table, as_text(read))
        else:
            _read_columns(table, as_text(read))
        found.append(table)
    return found


def as_text(content: bytes) -> str:
    """Text in UTF-8, in UTF-16 if it begins with its mark, or else in Latin-1, which any bytes are."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # A long text may be cut off inside of its last character.
        cut = error.reason == "unexpected end of data" and len(content) >= MOST_CAPTION_BYTES
        return content.decode("utf-8-sig", "ignore") if cut else content.decode("latin-1")


def one_line(text: str) -> str:
    """A caption on one line, without control characters, shortened to the most that is kept."""
    words = "".join(each if each.isprintable() else " " for each in text[: 2 * MOST_CAPTION_CHARACTERS]).split()
    return " ".join(words)[:MOST_CAPTION_CHARACTERS]


def plain_name(file: str) -> str:
    """The name of a picture as a table writes it, with `/` between its parts and without a leading `./`."""
    return one_form(file.strip().replace("\\", "/")).removeprefix("./").lstrip("/")


def _read_stylegan(table: LabelTable, content: bytes, where: str) -> None:
    remedy = "It needs a list `labels` of [file, whole number], or null for images without labels."
    try:
        found = json.loads(as_text(content)) if content else {}
    except (ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())[:100]
        raise UnusableSource(where, f"its {table.name} is not JSON ({reason})", remedy) from None
    if not isinstance(found, dict) or "labels" not in found:
        table.faults.append("has no list `labels`, and is not used")
        return
    table.labelled = True
    labels = found["labels"]
    if isinstance(labels, dict):
        labels = list(labels.items())
    if labels is not None and not isinstance(labels, list):
        raise UnusableSource(where, f"the labels in its {table.name} are not a list", remedy)
    for place, pair in enumerate(labels or []):
        if not isinstance(pair, list | tuple) or len(pair) != 2 or not isinstance(pair[0], str):
            raise UnusableSource(where, f"label {place + 1:,} in its {table.name} is not a file and its label", remedy)
        if isinstance(pair[1], list | dict):
            raise UnusableSource(
                where, f"its {table.name} gives a vector for {pair[0][:60]!r}, but a class is one number", remedy
            )
        label = _label(pair[1])
        if label is None and pair[1] is not None:
            raise UnusableSource(
                where, f"the label of {pair[0][:60]!r} in its {table.name} is {str(pair[1])[:30]}", remedy
            )
        table.add(place + 1, pair[0], label, "")
    # As null: the folders of a set that StyleGAN made are never classes.


def _read_json_lines(table: LabelTable, text: str) -> None:
    for number, line in enumerate(io.StringIO(text), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            table.fault(number, "is not JSON")
            continue
        if not isinstance(row, dict):
            table.fault(number, "is not an object")
            continue
        by_name = {_column(name): value for name, value in row.items()}
        file = _first(by_name, FILE_COLUMNS)
        if file is None:
            table.fault(number, "has no `file_name`")
            continue
        value, caption = _first(by_name, LABEL_COLUMNS), _first(by_name, CAPTION_COLUMNS)
        label = _label(value)
        if label is None and value not in (None, ""):
            table.fault(number, "has a label that is neither a whole number nor a word")
        table.add(number, str(file), label, caption if isinstance(caption, str) else "")
    table.labelled = bool(table.labels)


def _read_columns(table: LabelTable, text: str) -> None:
    first = text.split("\n", 1)[0]
    for delimiter in DELIMITERS:
        header = [_column(cell) for cell in next(csv.reader([first], delimiter=delimiter), [])]
        place = {name: header.index(name) for name in dict.fromkeys(header)}
        file = _first(place, FILE_COLUMNS)
        label, caption = _first(place, LABEL_COLUMNS), _first(place, CAPTION_COLUMNS)
        if file is not None and (label is not None or caption is not None):
            break
    else:
        # Without names of columns: a picture and its label in each line.
        delimiter = next((each for each in DELIMITERS if len(first.strip().split(each)) == 2), "")
        if not delimiter or "." not in first:
            if text.strip():
                table.faults.append("is not used: no column is named like a file with a label or a caption")
            return
        captions = "caption" in table.name.lower()
        file, label, caption, header = 0, None if captions else 1, 1 if captions else None, []
    rows = _rows(table, text, delimiter, bool(header))
    needed = 1 + max(each for each in (file, label, caption) if each is not None)
    values: list[tuple[int, str, str, str]] = []
    for number, row in rows:
        if not any(cell.strip() for cell in row):
            continue
        if len(row) < needed:
            table.fault(number, f"has {len(row):,} of the {max(needed, len(header)):,} columns")
            continue
        values.append((number, row[file], _cell(row, label), _cell(row, caption)))
    fractions = [value for _, _, value, _ in values if FRACTION.fullmatch(value) and not WHOLE.fullmatch(value)]
    if fractions and all(FRACTION.fullmatch(value) or WHOLE.fullmatch(value) for _, _, value, _ in values if value):
        table.faults.append(f"has fractions such as {fractions[0][:20]} as labels, which are not classes")
    else:
        fractions = []
    for number, name, value, words in values:
        table.add(number, name, None if fractions else _label(value), words)
    table.labelled = bool(table.labels)


def _rows(table: LabelTable, text: str, delimiter: str, header: bool) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for place, row in enumerate(reader):
            if place or not header:
                yield reader.line_num, row
    except csv.Error as error:
        table.fault(reader.line_num, f"and those after it cannot be read ({error})")


def _cell(row: Sequence[str], place: int | None) -> str:
    return "" if place is None else row[place].strip()


def _column(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")


def _first(row: Mapping[str, Any], names: Sequence[str]) -> Any:
    return next((row[name] for name in names if row.get(name) is not None), None)


def _label(value: object) -> Label | None:
    """A label as a whole number or a word; None if it is neither."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return int(value) if math.isfinite(value) and value == int(value) else None
    if isinstance(value, int):
        return value if abs(value) < 2**63 else None
    if not isinstance(value, str) or not value.strip():
        return None
    text = one_form(value.strip())[:100]
    return int(text.split(".")[0]) if WHOLE.fullmatch(text) else text
