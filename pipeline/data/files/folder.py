"""A folder of pictures: flat, or with one folder per class."""

import os
from pathlib import Path
from typing import NamedTuple

from pipeline.data.files.class_folders import classes_from_names
from pipeline.data.files.limits import MOST_FOLDER_FILES
from pipeline.data.files.picture import read_file
from pipeline.data.files.pictures import ENDINGS, PictureFiles, left_out
from pipeline.data.files.source import PICTURE_ENDINGS, BrokenFile, digest, escape_name
from pipeline.errors.data import UnusableSource


class FolderListing(NamedTuple):
    """The contents of a folder and its subfolders. files: files with the ending of a picture, as names relative to the
    folder. folders: the folder itself and all subfolders. others: number of files with another ending."""

    files: list[str]
    folders: list[Path]
    broken: list[BrokenFile]
    others: int


class FolderSource(PictureFiles):
    """Pictures in a folder. Raises UnusableSource if it holds none."""

    def __init__(self, path: Path) -> None:
        found = walk(path)
        self._files, entries, loose = classes_from_names(found.files)
        if not self._files:
            raise UnusableSource(str(path), _nothing(found), ENDINGS)
        super().__init__(
            path,
            "a folder of images",
            entries,
            broken=[*found.broken, *loose],
            notes=left_out(found.others),
            watched=found.folders,
        )

    def content(self, index: int) -> bytes:
        return read_file(self.path / self._files[index])

    def signature(self) -> str:
        """A digest of the name, size and modification time of every picture; opens none of them."""
        lines = []
        for name in self._files:
            try:
                found = (self.path / name).stat()
                lines.append(f"{name} {found.st_size} {found.st_mtime_ns}")
            except OSError:
                lines.append(f"{name} gone")
        return digest("\n".join(lines))


def walk(root: Path) -> FolderListing:
    """List a folder recursively, without hidden entries. Links are followed, but each folder is entered only once, so
    that circular links end. Raises UnusableSource if the folder itself cannot be read or holds too many files."""
    found = FolderListing([], [], [], 0)
    others = 0
    waiting = [(root, "")]
    entered: set[tuple[int, int]] = set()
    while waiting:
        folder, prefix = waiting.pop()
        try:
            identity = folder.stat()
            if (identity.st_dev, identity.st_ino) in entered:
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
        for child in children:
            name = prefix + child.name
            if child.name.startswith("."):
                continue
            kind = _kind(child)
            if kind == "folder":
                waiting.append((Path(child.path), f"{name}/"))
            elif Path(child.name).suffix.lower() not in PICTURE_ENDINGS:
                others += 1
            elif kind == "file":
                found.files.append(name)
            else:
                found.broken.append(BrokenFile(escape_name(name), kind))
        if len(found.files) + others > MOST_FOLDER_FILES:
            raise UnusableSource(str(root), f"it holds more than {MOST_FOLDER_FILES:,} files", "Name a smaller folder.")
    return found._replace(others=others)


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


def _nothing(found: FolderListing) -> str:
    if found.broken:
        return f"no image in it can be read ({found.broken[0].file}: {found.broken[0].reason})"
    return "there are no images in it"
