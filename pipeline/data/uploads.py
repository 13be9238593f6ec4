"""Data sets uploaded in a browser, in `home/uploads`.

    photos.zip, digits.npz      a single file that is a complete source; tars too
    pictures/1.png, 2.png       single pictures uploaded together share a folder
    mnist/train-images…         IDX files too: they are matched by name in it

An upload is written to a temporary folder, opened there like any source, and only then renamed into place: a refused
upload leaves nothing behind, and no reader sees half of one.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from pipeline.data.files import formats
from pipeline.data.files.opening import UPLOADS, find, open_source
from pipeline.errors.data import UnknownUpload, UnusableSource, UnusableUpload, UploadExists
from pipeline.errors.machine import CannotWrite

LONGEST_NAME = 100
"""Maximum number of characters of an upload's name; a file system allows 255 bytes."""

ALONE = (".zip", ".npz", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst")
"""Endings of files that are a source by themselves, however many are uploaded at once."""

ENDINGS = (
    "zip",
    "npz",
    "gz",
    "tar",
    "tgz",
    "bz2",
    "tbz2",
    "xz",
    "txz",
    "zst",
    *sorted(ending[1:] for ending in formats.ENDINGS),
)
"""Allowed endings of uploaded files, for the file dialog."""


class Uploaded(NamedTuple):
    """A file from a browser, with the name the browser gave."""

    name: str
    content: bytes | memoryview


class Upload(NamedTuple):
    """An uploaded data set. size: total bytes. added: seconds since 1970."""

    name: str
    size: int
    added: float


class DatasetFiles(NamedTuple):
    """The uploaded files that form one data set. folder: whether to store them as a folder, or as the single file."""

    name: str
    files: tuple[Uploaded, ...]
    folder: bool


def uploads(home: Path) -> tuple[Upload, ...]:
    """All uploaded data sets, newest first."""
    found = []
    for path in _listed(home):
        try:
            state = path.stat()
        except OSError:
            # Deleted since the folder was listed.
            continue
        size = _folder_size(path, state.st_mtime_ns) if path.is_dir() else state.st_size
        found.append(Upload(path.name, size, state.st_mtime))
    return tuple(sorted(found, key=lambda upload: (-upload.added, upload.name)))


def group_files(files: Sequence[Uploaded], folder: str) -> tuple[DatasetFiles, ...]:
    """Group files into data sets. folder: name of the set shared by the files that are not a source by themselves."""
    alone = [file for file in files if _is_alone(file.name)]
    pictures = [file for file in files if _is_picture(file.name)]
    arrays = [file for file in files if not _is_alone(file.name) and not _is_picture(file.name)]
    found = [DatasetFiles(file.name.strip(), (file,), folder=False) for file in alone]
    if len(arrays) == 1:
        found.append(DatasetFiles(arrays[0].name.strip(), (arrays[0],), folder=False))
    elif arrays:
        found.append(DatasetFiles(folder.strip(), tuple(arrays), folder=True))
    if pictures:
        # Files of arrays in the same folder would hide the pictures.
        name = f"{folder.strip()} pictures" if len(arrays) > 1 else folder.strip()
        found.append(DatasetFiles(name, tuple(pictures), folder=True))
    return tuple(found)


def keep(parcel: DatasetFiles, home: Path, *, replacing: bool = False) -> Upload:
    """Store a data set. replacing: whether it may replace an upload of the same name.

    Raises UploadExists if the name is taken, UnusableUpload if a name is not allowed, UnusableSource if it has no
    readable images or is not safe, CannotWrite; in each case nothing is stored.
    """
    for name in (parcel.name, *(file.name for file in parcel.files)):
        _require_name(name)
    folder = home / UPLOADS
    target = folder / parcel.name
    if target.exists() and not replacing:
        raise UploadExists(parcel.name)
    with _writing(target):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".") as place:
            path = Path(place) / "upload" / parcel.name
            _write(parcel, path)
            _require_source(path, parcel.name)
            if replacing and target.exists():
                target.rename(Path(place) / "replaced")
            _put(path, target)
    state = target.stat()
    return Upload(parcel.name, sum(len(file.content) for file in parcel.files), state.st_mtime)


def remove(name: str, home: Path) -> None:
    """Delete an upload permanently. Raises UnknownUpload, CannotWrite."""
    known = {path.name: path for path in _listed(home)}
    if name not in known:
        raise UnknownUpload(name)
    path = known[name]
    with _writing(path):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def source_of(name: str, home: Path) -> str:
    """The source that a node must name for this upload: its name, or its path if the name means something else in the
    working directory."""
    path = home / UPLOADS / name
    try:
        return name if find(name, home) == path else str(path)
    except UnusableSource:
        return str(path)


def upload_of(source: str, home: Path) -> str:
    """The name of the upload that a node's source means; "" if it means something else, or nothing."""
    try:
        path = find(source, home).resolve()
    except UnusableSource:
        return ""
    folder = (home / UPLOADS).resolve()
    return path.relative_to(folder).parts[0] if folder in path.parents else ""


def _is_alone(name: str) -> bool:
    return name.lower().endswith(ALONE)


def _is_picture(name: str) -> bool:
    return Path(name).suffix.lower() in formats.ENDINGS


def _listed(home: Path) -> list[Path]:
    try:
        return [path for path in (home / UPLOADS).iterdir() if not path.name.startswith(".")]
    except (FileNotFoundError, NotADirectoryError):
        return []


@lru_cache(maxsize=256)
def _folder_size(path: Path, changed: int) -> int:
    """Total bytes of the files in a folder. changed: the folder's modification time, which invalidates the cache."""
    return sum(
        (Path(folder) / name).stat().st_size
        for folder, _, names in os.walk(path)
        for name in names
        if (Path(folder) / name).is_file()
    )


def _require_name(name: str) -> None:
    """Raise UnusableUpload if the name is empty, leads to another folder, is hidden, unprintable or too long."""
    tidy = name.strip()
    if not tidy:
        raise UnusableUpload(name, "it has no name")
    if any(part in name for part in "/\\") or name in (".", ".."):
        raise UnusableUpload(name, "its name leads to another folder")
    if tidy.startswith("."):
        raise UnusableUpload(name, "its name begins with a dot")
    if not name.isprintable():
        raise UnusableUpload(name, "its name contains unprintable characters")
    if len(tidy) > LONGEST_NAME or len(os.fsencode(tidy)) > 2 * LONGEST_NAME:
        raise UnusableUpload(name, f"its name is longer than {LONGEST_NAME} characters")


def _write(parcel: DatasetFiles, path: Path) -> None:
    path.parent.mkdir()
    if not parcel.folder:
        path.write_bytes(parcel.files[0].content)
        return
    path.mkdir()
    for file in parcel.files:
        _free(path / file.name.strip()).write_bytes(file.content)


def _put(path: Path, target: Path) -> None:
    """Rename the upload into place; if another process was faster, its upload stays. Raises UploadExists."""
    try:
        if path.is_dir():
            path.rename(target)
        else:
            # A rename would silently replace a file.
            target.hardlink_to(path)
    except OSError as error:
        if target.exists():
            raise UploadExists(target.name) from error
        raise


def _free(path: Path) -> Path:
    """This path, or `1 (2).png` if two files of an upload have the same name."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_stem(f"{path.stem} ({number})")
    return free


def _require_source(path: Path, name: str) -> None:
    try:
        open_source(path).close()
    except UnusableSource as error:
        # The temporary path means nothing to the user: it is already gone.
        raise UnusableSource(repr(name), error.reason.replace(str(path), name), "Nothing was stored.") from None


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CannotWrite(str(path), (error.strerror or str(error)).lower()) from error
