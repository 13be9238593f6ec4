"""The index of shards: every sample of every shard, with its class and its side of the split."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.data.files.arrangement import TABLE_SHARE
from pipeline.data.files.source import BrokenFile, escape_name, stamp
from pipeline.data.large.index import Index
from pipeline.data.large.names import StoredNames
from pipeline.data.large.parquet_shards import Table, labels_of, table_of
from pipeline.data.large.shard_files import Shards
from pipeline.data.large.shard_labels import NONE, Labels, as_label
from pipeline.data.large.tar_shards import samples
from pipeline.data.progress import ReadProgress
from pipeline.errors.data import UnusableSource

DOING = "Listing the images of shards, bytes read:"
WITHOUT_LABEL = "it is without a label"


class _Part(NamedTuple):
    """What one shard holds. names: as they are stored. places: (n, 2) int64. codes: (n,) int64 of the labels. keys:
    hashes (n,) of the samples' keys, () for Parquet files, which have none."""

    names: list[str]
    places: NDArray[np.int64]
    codes: NDArray[np.int64]
    keys: NDArray[np.int64]


def index_of_shards(path: Path, shards: Shards, watched: Sequence[Path], progress: ReadProgress) -> Index:
    """The index of the shards of a source, but for `grey`. path: its folder, or the only shard. watched: the folders
    that they are in. Raises UnusableSource, and what `progress` raises."""
    paths = [path / name if path.is_dir() else path for name in shards.names]
    stamps = [stamp(each) for each in (*paths, *watched)]
    labels, sizes = Labels(), [each[2] for each in stamps[: len(paths)]]
    tables = [table_of(each) for each in paths] if shards.parquet else []
    if len({(table.images, table.labels) for table in tables}) > 1:
        raise UnusableSource(str(path), "its Parquet files have different columns", "Name a folder with one of them.")
    parts = []
    for number, (name, each) in enumerate(zip(shards.names, paths, strict=True)):
        before = sum(sizes[:number])

        def step(done: int, before: int = before) -> None:
            progress(DOING, before + done, sum(sizes))

        step(0)
        parts.append(_parquet(name, each, tables[number], labels) if tables else _tar(name, each, labels, step))
    return _joined(path, shards, parts, labels, tables, stamps)


def _tar(name: str, path: Path, labels: Labels, step: Callable[[int], None]) -> _Part:
    found = samples(path, step)
    return _Part(
        [f"{name}/{each.name}" for each in found],
        np.array([(each.start, each.size) for each in found], np.int64).reshape(-1, 2),
        np.array([labels.code(each.label) for each in found], np.int64),
        np.array([hash(each.key) for each in found], np.int64),
    )


def _parquet(name: str, path: Path, table: Table, labels: Labels) -> _Part:
    codes = np.full(table.rows, NONE, np.int64)
    if table.labels:
        where = f"{path}: the column {table.labels!r}"
        codes[:] = [labels.code(as_label(value, where)) for value in labels_of(path, table)]
    places = np.stack([np.arange(table.rows), np.zeros(table.rows, np.int64)], axis=1)
    return _Part([f"{name}[{row}]" for row in range(table.rows)], places, codes, np.zeros(0, np.int64))


def _joined(
    path: Path,
    shards: Shards,
    parts: Sequence[_Part],
    labels: Labels,
    tables: Sequence[Table],
    stamps: Sequence[tuple[str, int, int, int]],
) -> Index:
    counts = [len(part.names) for part in parts]
    total = sum(counts)
    if not total:
        raise UnusableSource(str(path), "there are no images in its shards")
    names = [name for part in parts for name in part.names]
    numbers = np.repeat(np.arange(len(parts), dtype=np.int32), counts)
    places = np.concatenate([part.places for part in parts])
    given = {label: name for table in tables for label, name in table.names.items()}
    found, class_names = labels.classes(np.concatenate([part.codes for part in parts]), given)
    held_out = np.array([shards.sides.get(name) == "held out" for name in shards.names])[numbers]
    used, warnings = np.ones(total, np.bool_), [*shards.warnings, *_same_keys(shards.names, parts)]
    if not tables and not class_names:
        warnings += _folders_inside(parts)
    missing = int((found == NONE).sum())
    broken: list[BrokenFile] = []
    if missing > (1 - TABLE_SHARE) * total:
        if missing < total:
            warnings.append(f"Only {total - missing:,} of {total:,} images have a label, so labels are not used.")
        found, class_names = np.zeros(total, np.int64), ()
    elif missing:
        used = found != NONE
        rows = np.flatnonzero(~used).tolist()
        broken = [BrokenFile(escape_name(names[row]), WITHOUT_LABEL) for row in rows]
        names = [name for name, stays in zip(names, used.tolist(), strict=True) if stays]
    held_out = held_out[used]
    return Index(
        layout="parquet" if tables else "tars",
        kind="a set of Parquet files" if tables else "a set of WebDataset tars",
        names=StoredNames.of(names),
        labels=found[used],
        places=places[used],
        shards=numbers[used],
        stamps=stamps,
        class_names=class_names,
        held_out=held_out if held_out.any() and not held_out.all() else None,
        shard_names=shards.names,
        broken=tuple(broken),
        notes=(f"The images are in {len(parts):,} shards." if len(parts) > 1 else "The images are in 1 shard.",),
        warnings=tuple(warnings),
        column=tables[0].images if tables else "",
    )


def _folders_inside(parts: Sequence[_Part]) -> list[str]:
    """A warning if pictures without labels are in folders, which may be meant as classes."""
    # The name of a shard comes first.
    folders = {name.rpartition("/")[0] for part in parts for name in part.names}
    if len(folders) <= len(parts):
        return []
    return ["The images have no labels: folders in shards are no classes; each image needs a .cls or a .json."]


def _same_keys(names: Sequence[str], parts: Sequence[_Part]) -> list[str]:
    """A warning if shards have samples of the same key: a shard that was copied, or keys that begin again."""
    shard_of: dict[int, int] = {}
    pairs = Counter[tuple[int, int]]()
    for number, part in enumerate(parts):
        for key in part.keys.tolist():
            first = shard_of.setdefault(key, number)
            if first != number:
                pairs[first, number] += 1
    if not pairs:
        return []
    first, second = min(pairs)
    return [
        f"{sum(pairs.values()):,} keys are in more than one shard, such as {pairs[first, second]:,} in "
        f"{escape_name(names[first])} and {escape_name(names[second])}: if one is a copy, its images are used twice."
    ]
