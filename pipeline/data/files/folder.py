"""A folder of pictures: flat, or with one folder per class."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from pipeline.data.files import arrangement_0_3
from pipeline.data.files.arrangement import Arrangement, TreeFiles, arrange
from pipeline.data.files.class_findings import class_warnings, some
from pipeline.data.files.formats import endings
from pipeline.data.files.label_tables import is_table
from pipeline.data.files.limits import MOST_FOLDER_FILES
from pipeline.data.files.passed_over import is_passed_over
from pipeline.data.files.picture import read_file
from pipeline.data.files.pictures import ENDINGS, PictureFiles, is_text, left_out, nothing_used
from pipeline.data.files.rules import Rules
from pipeline.data.files.source import BrokenFile, digest, escape_name
from pipeline.data.large.shard_files import is_shard
from pipeline.data.progress import ReadProgress, no_progress
from pipeline.errors.data import UnusableSource
from pipeline.formatting import listed

LISTING = "Listing files"
REPORTED_FROM = 10_000
"""Files before which listing reports no progress: it is done in a moment."""


class FolderListing(NamedTuple):
    """The contents of a folder and its subfolders. files: files with the ending of a picture, as names relative to the
    folder. folders: the folder itself and all subfolders. others: number of files with another ending. texts: those of
    them that may hold labels or captions. passed_over: names of folders of thumbnails and caches. linked_again: links
    to folders that are read under another name. shards: those of the others that are named like shards of a set."""

    files: list[str]
    folders: list[Path]
    broken: list[BrokenFile]
    others: int
    texts: list[str]
    passed_over: set[str]
    linked_again: list[str]
    shards: list[str]


class HoldsShards(Exception):
    """Raised for a folder of tars or Parquet files. names: theirs, relative to it. folders: the folders that they may
    be in. pictures: how many lie beside them."""

    def __init__(self, names: list[str], folders: list[Path], pictures: int) -> None:
        self.names = names
        self.folders = folders
        self.pictures = pictures


class FolderSource(PictureFiles):
    """Pictures in a folder. Raises UnusableSource if it holds none, and HoldsShards if it holds more shards."""

    def __init__(self, path: Path, rules: Rules = "0.4", progress: ReadProgress = no_progress) -> None:
        found = walk(path, rules, progress)
        if found.shards and len(found.shards) >= len(found.files) and rules != "0.3":
            raise HoldsShards(found.shards, found.folders, len(found.files))
        if not found.files:
            raise UnusableSource(str(path), nothing_used(found.broken), ENDINGS)
        arranged = _arranged(path, found, rules)
        self.files = arranged.names
        """The pictures' names relative to the folder, in the order of the entries."""
        self._texts = sorted(arranged.used_texts)
        if not self.files:
            raise UnusableSource(str(path), nothing_used([*found.broken, *arranged.left_out]), ENDINGS)
        passed_over = sorted(map(escape_name, found.passed_over))
        super().__init__(
            path,
            "a folder of images",
            arranged.entries,
            broken=[*found.broken, *arranged.left_out],
            notes=[
                *arranged.notes,
                *left_out(found.others - len(self._texts)),
                *([f"Folders of thumbnails and caches are passed over: {listed(passed_over)}."] if passed_over else []),
            ],
            warnings=[*arranged.warnings, *_linked_again(found.linked_again)],
            watched=[*found.folders, *(path / name for name in found.texts if is_table(name))],
        )

    def content(self, index: int) -> bytes:
        return read_file(self.path / self.files[index])

    def signature(self) -> str:
        """A digest of the name, size and modification time of every picture, table and caption; opens none of them."""
        lines = []
        for name in (*self.files, *self._texts):
            try:
                found = (self.path / name).stat()
                lines.append(f"{name} {found.st_size} {found.st_mtime_ns}")
            except OSError:
                lines.append(f"{name} gone")
        return digest("\n".join(lines))


def _arranged(path: Path, found: FolderListing, rules: Rules) -> Arrangement:
    if rules == "0.3":
        used, entries, loose = arrangement_0_3.classes_from_names(found.files)
        return Arrangement(used, entries, loose, [], class_warnings(entries.class_names), frozenset())

    def content(name: str, most: int) -> bytes:
        return read_file(path / name, most)

    return arrange(TreeFiles(found.files, found.texts, content, str(path)), str(path))


def _linked_again(links: Sequence[str]) -> list[str]:
    if not links:
        return []
    shown = some([escape_name(each) for each in sorted(links)])
    return [f"Passed over, since they are links to folders that are read already: {shown}."]


def walk(root: Path, rules: Rules = "0.4", progress: ReadProgress = no_progress) -> FolderListing:
    """List a folder recursively, without what `passed_over.py` names. Links are followed, but each folder is entered
    only once, so that circular links end, and under its own name rather than a link's.

    Raises UnusableSource if the folder itself cannot be read or holds too many files, and what `progress` raises.
    """
    found = FolderListing([], [], [], 0, [], set(), [], [])
    wanted = endings(rules)
    others = 0
    waiting = [(root, "")]
    links: list[tuple[Path, str]] = []
    entered: set[tuple[int, int]] = set()
    while waiting or links:
        folder, prefix = waiting.pop() if waiting else links.pop(0)
        try:
            identity = folder.stat()
            if (identity.st_dev, identity.st_ino) in entered:
                # Not a word on links that lead around in a circle: nothing is lost.
                if rules != "0.3" and folder.resolve() not in (
                    root.resolve(),
                    *folder.parent.resolve().parents,
                    folder.parent.resolve(),
                ):
                    found.linked_again.append(prefix.removesuffix("/"))
                continue
            entered.add((identity.st_dev, identity.st_ino))
            with os.scandir(folder) as listing:
                children = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            if not prefix:
                raise UnusableSource(str(root), reason) from None
            found.broken.append(BrokenFile(escape_name(prefix), reason))
            continue
        found.folders.append(folder)
        if len(found.files) + others >= REPORTED_FROM:
            progress(LISTING, len(found.files) + others, 0)
        for child in children:
            name = prefix + child.name
            if child.name.startswith("."):
                continue
            kind = _kind(child)
            if rules != "0.3" and is_passed_over(child.name):
                if kind == "folder":
                    found.passed_over.add(child.name)
                continue
            if kind == "folder":
                later = links if rules != "0.3" and child.is_symlink() else waiting
                later.append((Path(child.path), f"{name}/"))
            elif _ending(child.name) not in wanted:
                others += 1
                if kind == "file" and is_text(child.name):
                    found.texts.append(name)
                elif kind == "file" and is_shard(child.name):
                    found.shards.append(name)
            elif kind == "file":
                found.files.append(name)
            else:
                found.broken.append(BrokenFile(escape_name(name), kind))
        if len(found.files) + others > MOST_FOLDER_FILES:
            raise UnusableSource(str(root), f"it holds more than {MOST_FOLDER_FILES:,} files", "Name a smaller folder.")
    return found._replace(others=others)


def _ending(name: str) -> str:
    """The ending of a file's name in lower case, as `Path.suffix`, which takes ten times as long."""
    dot = name.rfind(".")
    return name[dot:].lower() if 0 < dot < len(name) - 1 else ""


def _kind(entry: "os.DirEntry[str]") -> str:
    """`folder`, `file`, or the reason why it is neither."""
    try:
        if entry.is_dir():
            return "folder"
        if entry.is_file():
            return "file"
    except OSError as error:
        # Circular links.
        return (error.strerror or str(error)).lower()
    return "its link leads nowhere" if entry.is_symlink() else "it is not a regular file"
