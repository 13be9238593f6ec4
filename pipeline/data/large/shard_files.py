"""Finds shards, the files that large sets are cut into: tars as WebDataset writes them, and Parquet files.

train-000.tar, train-001.tar, val-000.tar            the words before the numbers are the sides of a split
train/000.tar, test/000.tar                          or the folders are
data/train-00000-of-00020.parquet                    as Hugging Face writes them; folders around all are ignored
"""

import re
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from pipeline.data.files.class_findings import some
from pipeline.data.files.formats import ENDINGS
from pipeline.data.files.natural import in_order
from pipeline.data.files.source import escape_name
from pipeline.data.files.split_folders import Side, find_split
from pipeline.errors.data import UnusableSource

TAR, PARQUET = ".tar", ".parquet"
PACKED_TARS = (".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst", ".tzst")
PARQUET_BEGINS = b"PAR1"
PACKED = "is a compressed tar, whose middle cannot be reached"
UNPACK = "Unpack the compression (gunzip, unzstd), and keep the tars."
LOOKED_AT = 16
"""Members of a tar that decide whether it is a shard."""

NUMBERED = re.compile(r"(?<=.)[-_. ]+[0-9].*$")
"""From the first part of a name on that begins with a digit: not that of cifar10-train-000, nor of 2012-train-000."""


class Shards(NamedTuple):
    """The shards of a source. names: relative to it, in order. sides: of the split, for each name; {} without a split.
    warnings: sentences about shards that are left out."""

    names: tuple[str, ...]
    sides: Mapping[str, Side]
    warnings: tuple[str, ...] = ()

    @property
    def parquet(self) -> bool:
        return self.names[0].lower().endswith(PARQUET)


def is_shard(name: str) -> bool:
    """Whether a file in a folder is named like a shard, be it a compressed one, which is then refused."""
    return name.lower().endswith((TAR, PARQUET, *PACKED_TARS))


def key_and_ending(name: str) -> tuple[str, str]:
    """The key of the sample that a member of a tar belongs to, and what the member is: its ending in lower case.

    As WebDataset splits names: at the first dot after the last `/`, so that a.jpg and a.cls are of the sample a.
    """
    folder, slash, file = name.rpartition("/")
    stem, _, ending = file.partition(".")
    return f"{folder}{slash}{stem}", ending.lower()


def is_picture(ending: str) -> bool:
    """Whether a member with this ending, as `key_and_ending` has it, is a picture."""
    return f".{ending.rpartition('.')[2]}" in ENDINGS


def is_sample_tar(path: Path) -> bool:
    """Whether a plain tar holds samples as WebDataset writes them: among its first members are a picture and its class,
    in a `.cls` or a `.json` of the same key. Other tars are read like a folder."""
    found: dict[str, set[str]] = {}
    try:
        with tarfile.open(path, "r:") as archive:
            while len(found) < LOOKED_AT and (member := archive.next()) is not None:
                if member.size < 0:
                    # The next member would be this one again.
                    return False
                key, ending = key_and_ending(member.name)
                found.setdefault(key, set()).add(ending)
    except (tarfile.TarError, OSError):
        return False
    return any(any(map(is_picture, endings)) and endings & {"cls", "json"} for endings in found.values())


def shards_of(names: Sequence[str], where: str) -> Shards:
    """The shards among these files of a source. Raises UnusableSource if they are of two kinds, or compressed."""
    if packed := [name for name in names if name.lower().endswith(PACKED_TARS)]:
        raise UnusableSource(where, f"{escape_name(in_order(packed)[0])} {PACKED}", UNPACK)
    if len({PurePosixPath(name).suffix.lower() for name in names}) > 1:
        raise UnusableSource(where, "it holds both tars and Parquet files", "Name a folder with one of them.")
    ordered = in_order(names)
    parts = {name: name.split("/") for name in ordered}
    while all(len(each) > 1 for each in parts.values()) and len({each[0] for each in parts.values()}) == 1:
        parts = {name: each[1:] for name, each in parts.items()}
    groups = {name: each[0] if len(each) > 1 else _without_number(each[0]) for name, each in parts.items()}
    split = find_split(set(groups.values()))
    if split is None:
        return Shards(tuple(ordered), {})
    used = [name for name in ordered if groups[name] in split.sides]
    beside = [escape_name(name) for name in ordered if groups[name] not in split.sides]
    warnings = (f"Shards are left out, on neither side of the split: {some(beside)}.",) if beside else ()
    return Shards(tuple(used), {name: split.sides[groups[name]] for name in used}, warnings)


def _without_number(name: str) -> str:
    """A shard's name up to its number: "train" of train-00000-of-00020.parquet."""
    return NUMBERED.sub("", PurePosixPath(name).stem)
