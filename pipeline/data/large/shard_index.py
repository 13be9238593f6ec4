"""The index of shards: every sample of every shard, with its class and its side of the split."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.data.files.arrangement import NONE_HELD_OUT, TABLE_SHARE
from pipeline.data.files.class_findings import WITHOUT_TRAINING, class_warnings, only_held_out, without_classes
from pipeline.data.files.source import BrokenFile, Entries, escape_name, stamp
from pipeline.data.large.index import Index
from pipeline.data.large.names import StoredNames
from pipeline.data.large.parquet_shards import Table, labels_of, table_of
from pipeline.data.large.shard_files import Shards
from pipeline.data.large.shard_labels import NONE, Labels, as_label
from pipeline.data.large.tar_shards import samples_of
from pipeline.data.progress import ReadProgress
from pipeline.errors.data import UnusableSource
from pipeline.formatting import counted

DOING = "Listing the images of shards, bytes read:"
WITHOUT_LABEL = "it is without a label"
WITHOUT_PICTURE = "it is without a picture"


class _Part(NamedTuple):
    """What one shard holds. names: as they are stored. places: (n, 2) int64. codes: (n,) int64 of the labels.
    samples: hashes (n,) of their keys and sizes, () for Parquet files, which have none. broken: what is left out."""

    names: list[str]
    places: NDArray[np.int64]
    codes: NDArray[np.int64]
    samples: NDArray[np.int64]
    broken: Sequence[BrokenFile] = ()


def index_of_shards(path: Path, shards: Shards, watched: Sequence[Path], progress: ReadProgress) -> Index:
    """The index of the shards of a source, but for `grey`. path: its folder, or the only shard. watched: the folders
    that they are in. Raises UnusableSource, and what `progress` raises."""
    paths = [path / name if path.is_dir() else path for name in shards.names]
    stamps = [stamp(each) for each in (*paths, *watched)]
    labels, sizes = Labels(), [each[2] for each in stamps[: len(paths)]]
    tables = [table_of(each) for each in paths] if shards.parquet else []
    names = _names_of_labels(path, shards.names, tables)
    parts = []
    for number, (name, each) in enumerate(zip(shards.names, paths, strict=True)):
        before = sum(sizes[:number])

        def step(done: int, before: int = before) -> None:
            progress(DOING, before + done, sum(sizes))

        step(0)
        parts.append(_parquet(name, each, tables[number], labels) if tables else _tar(name, each, labels, step))
    index = _joined(path, shards, parts, labels, names)
    return replace(index, stamps=stamps, column=tables[0].images if tables else "")


def _names_of_labels(path: Path, shards: Sequence[str], tables: Sequence[Table]) -> Mapping[int, str]:
    """The names that Parquet files give to labels that are numbers; {} if they give none.

    Raises UnusableSource if the files have different columns, or give one number different names."""
    names: dict[int, str] = {}
    for shard, table in zip(shards, tables, strict=False):
        if (table.images, table.labels) != (tables[0].images, tables[0].labels):
            raise UnusableSource(
                str(path),
                f"{escape_name(shard)} has {_columns(table)}, but {escape_name(shards[0])} {_columns(tables[0])}",
                "Name a folder of files with the same columns.",
            )
        for label, name in table.names.items():
            if names.setdefault(label, name) != name:
                raise UnusableSource(
                    str(path),
                    f"{escape_name(shard)} calls the label {label} {name!r}, but a file before it {names[label]!r}",
                    "Name a folder of files with the same classes.",
                )
    return names


def _columns(table: Table) -> str:
    return f"images in {table.images!r} and {f'labels in {table.labels!r}' if table.labels else 'no labels'}"


def _tar(name: str, path: Path, labels: Labels, step: Callable[[int], None]) -> _Part:
    found, without_picture = samples_of(path, step)
    return _Part(
        [f"{name}/{each.name}" for each in found],
        np.array([(each.start, each.size) for each in found], np.int64).reshape(-1, 2),
        np.array([labels.code(each.label) for each in found], np.int64),
        np.array([hash((each.key, each.size)) for each in found], np.int64),
        [BrokenFile(escape_name(f"{name}/{key}"), WITHOUT_PICTURE) for key in without_picture],
    )


def _parquet(name: str, path: Path, table: Table, labels: Labels) -> _Part:
    codes = np.full(table.rows, NONE, np.int64)
    if table.labels:
        where = f"{path}: the column {table.labels!r}"
        codes[:] = [labels.code(as_label(value, where)) for value in labels_of(path, table)]
    places = np.stack([np.arange(table.rows), np.zeros(table.rows, np.int64)], axis=1)
    return _Part([f"{name}[{row}]" for row in range(table.rows)], places, codes, np.zeros(0, np.int64))


def _joined(
    path: Path, shards: Shards, parts: Sequence[_Part], labels: Labels, names_of_labels: Mapping[int, str]
) -> Index:
    counts = [len(part.names) for part in parts]
    if not sum(counts):
        raise UnusableSource(
            str(path), "there are no images in its shards", "A sample is a picture, such as 0001.jpg, and its 0001.cls."
        )
    names = [name for part in parts for name in part.names]
    codes = np.concatenate([part.codes for part in parts])
    numbers = np.repeat(np.arange(len(parts), dtype=np.int32), counts)
    held_out = np.array([shards.sides.get(name) == "held out" for name in shards.names])[numbers]
    found, class_names = labels.classes(codes, names_of_labels)
    broken = [each for part in parts for each in part.broken]
    warnings = [*shards.warnings, *_copies(shards.names, parts), *_unnamed(names, codes, labels, names_of_labels)]
    if not shards.parquet and not class_names:
        warnings += _folders_inside(parts)
    labelled = found != NONE
    if labelled.sum() <= TABLE_SHARE * len(found):
        if class_names:
            few = f"Only {int(labelled.sum()):,} of {len(found):,} images have a label"
            warnings.append(f"{few}, so labels are not used.")
        labelled[:] = True
        found, class_names = np.zeros_like(found), ()
    broken += [BrokenFile(escape_name(names[row]), WITHOUT_LABEL) for row in np.flatnonzero(~labelled).tolist()]
    used = np.flatnonzero(labelled)
    entries = Entries([names[row] for row in used.tolist()], found[used], class_names, _both_sides(held_out[used]))
    if unwanted := only_held_out(entries.labels, len(class_names), entries.held_out):
        entries, keep, warning = without_classes(entries, unwanted)
        warnings.append(warning)
        broken += [BrokenFile(escape_name(names[row]), WITHOUT_TRAINING) for row in used[~keep].tolist()]
        used = used[keep]
    if entries.held_out is None and _both_sides(held_out) is not None:
        warnings.append(NONE_HELD_OUT)
    return Index(
        layout="parquet" if shards.parquet else "tars",
        kind="a set of Parquet files" if shards.parquet else "a set of WebDataset tars",
        names=StoredNames.of(entries.names),
        labels=entries.labels,
        places=np.concatenate([part.places for part in parts])[used],
        shards=numbers[used],
        stamps=(),
        class_names=entries.class_names,
        held_out=entries.held_out,
        shard_names=shards.names,
        broken=tuple(broken),
        notes=(f"The images are in {len(parts):,} shards." if len(parts) > 1 else "The images are in 1 shard.",),
        warnings=(*warnings, *class_warnings(entries.class_names)),
    )


def _both_sides(held_out: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
    """The split (N,), None if it has images on one side only."""
    return held_out if held_out.any() and not held_out.all() else None


def _unnamed(
    names: Sequence[str], codes: NDArray[np.int64], labels: Labels, names_of_labels: Mapping[int, str]
) -> list[str]:
    """A warning if the source names its labels, but not all of them."""
    if not names_of_labels or not (outside := labels.outside(names_of_labels)):
        return []
    rows = np.flatnonzero(np.isin(codes, list(outside.values())))
    label = next(label for label, code in outside.items() if code == codes[rows[0]])
    images = "1 image has a label that is" if len(rows) == 1 else f"{len(rows):,} images have labels that are"
    return [
        f"{images} not among the {counted(len(names_of_labels), 'class', 'classes')} that the Parquet files name, such "
        f"as {label} of {escape_name(names[rows[0]])}: each such number counts as a class of its own."
    ]


def _folders_inside(parts: Sequence[_Part]) -> list[str]:
    """A warning if pictures without labels are in folders, which may be meant as classes."""
    # The name of a shard comes first.
    folders = {name.rpartition("/")[0] for part in parts for name in part.names}
    if len(folders) <= len(parts):
        return []
    return ["The images have no labels: folders in shards are no classes; each image needs a .cls or a .json."]


def _copies(names: Sequence[str], parts: Sequence[_Part]) -> list[str]:
    """A warning if a shard seems to be a copy of another, from which more than half of its samples are. A few may have
    the same key and size by chance, as keys often begin again in every shard."""
    shard_of: dict[int, int] = {}
    pairs = Counter[tuple[int, int]]()
    for number, part in enumerate(parts):
        for sample in part.samples.tolist():
            first = shard_of.setdefault(sample, number)
            if first != number:
                pairs[first, number] += 1
    copies = [(*pair, count) for pair, count in sorted(pairs.items()) if 2 * count > len(parts[pair[1]].names)]
    if not copies:
        return []
    original, copy, count = copies[0]
    more = f" So it is with {counted(len(copies) - 1, 'other shard')}." if copies[1:] else ""
    return [
        f"{escape_name(names[copy])} seems to be a copy of {escape_name(names[original])}: {count:,} of its "
        f"{counted(len(parts[copy].names), 'image')} have the same key and size, so they are used twice.{more}"
    ]
