"""The index of a large source: where each image is, its class and its side of the split, in mapped arrays.

A folder of `.npy` files and `facts.json`, written beside and renamed. A million images take about 70 MB on the disk,
and opening the index reads only what is used of it.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.data.files.source import BrokenFile, Entries, stamp
from pipeline.data.large.names import StoredNames

Layout = Literal["files", "tars", "parquet"]
Stamps = Sequence[tuple[str, int, int, int]]
FORMAT = 2
"""Increase it whenever the same source would be listed differently than before."""

KEPT = 30
"""Maximum number of indexes in a home; the least recently used are deleted."""

PREFIX = "index-"


@dataclass(frozen=True, eq=False)
class Index:
    """The N images of a source.

    layout: "files", where each image is a file; "tars", where it is a part of a shard; "parquet", where it is a row.
    names: of the images, relative to the source. places: (N, 2) int64: size and modification time of a file, or start
    and size of a part of a tar, or the row in a Parquet file and 0. shards: (N,) int32, the number of each image's
    shard; zeros for files. labels, held_out, class_names: as in `Entries`. shard_names: of the shards, relative to the
    source. stamps: of what must not change: `stamp` of folders and tables; or of each shard, in order, and then of
    their folders. grey: whether most images are grey. broken, notes, warnings: as in `ImageSource`. kind: of the
    source, for messages.
    """

    layout: Layout
    kind: str
    names: StoredNames
    labels: NDArray[np.int64]
    places: NDArray[np.int64]
    shards: NDArray[np.int32]
    stamps: Stamps
    class_names: tuple[str, ...] = ()
    held_out: NDArray[np.bool_] | None = None
    shard_names: tuple[str, ...] = ()
    grey: bool = False
    broken: tuple[BrokenFile, ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    column: str = ""
    """Of Parquet files: the column with the images."""

    @property
    def entries(self) -> Entries:
        return Entries(self.names, self.labels, self.class_names, self.held_out)

    @property
    def fresh(self) -> bool:
        """Whether nothing that the index depends on has changed."""
        return all(stamp(Path(each[0])) == tuple(each) for each in self.stamps)

    def content_hash(self) -> str:
        """A hash of the names and sizes of all images: those of a copy on another disk are the same."""
        digest = blake2b(digest_size=16)
        digest.update(np.ascontiguousarray(self.names.content).data)
        digest.update(np.ascontiguousarray(self.places[:, 0 if self.layout == "files" else 1]).data)
        return digest.hexdigest()


def save(index: Index, folder: Path) -> None:
    """Write an index as this folder, in place of an older one. Raises OSError."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, ignore_cleanup_errors=True) as place:
        beside = Path(place) / "new"
        beside.mkdir()
        arrays: dict[str, NDArray[Any]] = {
            "names": index.names.content,
            "ends": index.names.ends,
            "labels": index.labels,
            "places": index.places,
            "shards": index.shards,
        }
        if index.held_out is not None:
            arrays["held_out"] = index.held_out
        for name, array in arrays.items():
            np.save(beside / f"{name}.npy", array, allow_pickle=False)
        (beside / "facts.json").write_text(json.dumps(_facts(index)), encoding="utf-8")
        if folder.exists():
            # A folder is never renamed onto another. What other processes have mapped stays until they end.
            folder.rename(Path(place) / "old")
        beside.rename(folder)
    _make_room(folder.parent)


def load(folder: Path) -> Index | None:
    """The index in this folder, mapped; None if it is missing, damaged, or not fresh."""
    try:
        facts: Mapping[str, Any] = json.loads((folder / "facts.json").read_bytes())
        if facts["format"] != FORMAT:
            return None
        held_out = folder / "held_out.npy"
        index = Index(
            layout=facts["layout"],
            kind=facts["kind"],
            names=StoredNames(_mapped(folder / "names.npy"), _mapped(folder / "ends.npy")),
            labels=_mapped(folder / "labels.npy"),
            places=_mapped(folder / "places.npy"),
            shards=_mapped(folder / "shards.npy"),
            held_out=np.load(held_out, allow_pickle=False) if held_out.exists() else None,
            stamps=[(each[0], each[1], each[2], each[3]) for each in facts["stamps"]],
            class_names=tuple(facts["class_names"]),
            shard_names=tuple(facts["shard_names"]),
            grey=facts["grey"],
            broken=tuple(BrokenFile(*each) for each in facts["broken"]),
            notes=tuple(facts["notes"]),
            warnings=tuple(facts["warnings"]),
            column=facts["column"],
        )
    except (OSError, ValueError, KeyError, TypeError, IndexError, EOFError):
        return None
    whole = len(index.names) == len(index.labels) == len(index.places) == len(index.shards)
    if not whole or not index.fresh:
        return None
    with suppress(OSError):
        os.utime(folder / "facts.json")
    return index


def discard(folder: Path) -> None:
    """Delete an index of which a part turned out to have changed, so that the source is listed again."""
    shutil.rmtree(folder, ignore_errors=True)


def _facts(index: Index) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "layout": index.layout,
        "kind": index.kind,
        "stamps": list(index.stamps),
        "class_names": index.class_names,
        "shard_names": index.shard_names,
        "grey": index.grey,
        "broken": index.broken,
        "notes": index.notes,
        "warnings": index.warnings,
        "column": index.column,
    }


def _mapped(file: Path) -> NDArray[Any]:
    try:
        # As a plain array: numpy's own class for mapped files takes longer for every access.
        found: NDArray[Any] = np.load(file, mmap_mode="r", allow_pickle=False).view(np.ndarray)
    except ValueError:
        # An empty array cannot be mapped.
        found = np.load(file, allow_pickle=False)
    return found


def _make_room(folder: Path) -> None:
    found = [(each.stat().st_mtime, each.parent) for each in folder.glob(f"{PREFIX}*/facts.json")]
    for _, old in sorted(found, reverse=True)[KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
