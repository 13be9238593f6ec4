"""What was uploaded: data sets that lie in `home/uploads`, brought there by a browser.

    photos.zip, digits.npz      one file is a source by itself
    pictures/1.png, 2.png       pictures that came one by one share a folder
    mnist/train-images…         so do IDX files, which find each other by name

A file is written beside the others, opened there as any source is, and only then given its name: what is refused
leaves nothing behind, and nobody meets half an upload.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from pipeline.data.files.opening import UPLOADS, find, open_source
from pipeline.data.files.source import PICTURE_ENDINGS
from pipeline.errors.data import UnknownUpload, UnusableSource, UnusableUpload, UploadTaken
from pipeline.errors.machine import CannotWrite

LONGEST_NAME = 100
"""Characters of an upload's name; a file system allows 255 bytes."""

ALONE = (".zip", ".npz", ".tar.gz", ".tgz")
"""Endings of files that are a source by themselves, however many come at once."""

ENDINGS = ("zip", "npz", "gz", "tgz", *sorted(ending[1:] for ending in PICTURE_ENDINGS))
"""What a file that is uploaded may end with, for the dialog in which it is chosen."""


class Uploaded(NamedTuple):
    """A file as it came from a browser, with the name that it says it has."""

    name: str
    content: bytes | memoryview


class Upload(NamedTuple):
    """A data set that was uploaded. size: bytes in all. added: seconds since 1970."""

    name: str
    size: int
    added: float


class Parcel(NamedTuple):
    """Files of an upload that make one data set. folder: whether it is a folder of them, or the one file itself."""

    name: str
    files: tuple[Uploaded, ...]
    folder: bool


def uploads(home: Path) -> tuple[Upload, ...]:
    """All that is kept, the newest first."""
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


def parcels(files: Sequence[Uploaded], folder: str) -> tuple[Parcel, ...]:
    """Which data sets these files are. folder: the name of the one that files share which are none by themselves."""
    alone = [file for file in files if _is_alone(file.name)]
    pictures = [file for file in files if _is_picture(file.name)]
    arrays = [file for file in files if not _is_alone(file.name) and not _is_picture(file.name)]
    found = [Parcel(file.name.strip(), (file,), folder=False) for file in alone]
    if len(arrays) == 1:
        found.append(Parcel(arrays[0].name.strip(), (arrays[0],), folder=False))
    elif arrays:
        found.append(Parcel(folder.strip(), tuple(arrays), folder=True))
    if pictures:
        # Files of arrays in the same folder would hide the pictures.
        name = f"{folder.strip()} pictures" if len(arrays) > 1 else folder.strip()
        found.append(Parcel(name, tuple(pictures), folder=True))
    return tuple(found)


def keep(parcel: Parcel, home: Path, *, replacing: bool = False) -> Upload:
    """Keeps a data set. replacing: in the place of another that has its name.

    Raises UploadTaken where the name is taken, UnusableUpload where it is no name, UnusableSource where no images are
    to be had from it or where it is not safe, CannotWrite; nothing of it is kept then.
    """
    for name in (parcel.name, *(file.name for file in parcel.files)):
        _require_name(name)
    folder = home / UPLOADS
    target = folder / parcel.name
    if target.exists() and not replacing:
        raise UploadTaken(parcel.name)
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
    """Deletes an upload for good. Raises UnknownUpload, CannotWrite."""
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
    """What a node names to mean this upload: its name, unless that leads to something else in the working directory."""
    path = home / UPLOADS / name
    try:
        return name if find(name, home) == path else str(path)
    except UnusableSource:
        return str(path)


def upload_of(source: str, home: Path) -> str:
    """The name of the upload that a node's source means; "" where it means something else, or nothing."""
    try:
        path = find(source, home).resolve()
    except UnusableSource:
        return ""
    folder = (home / UPLOADS).resolve()
    return path.relative_to(folder).parts[0] if folder in path.parents else ""


def _is_alone(name: str) -> bool:
    return name.lower().endswith(ALONE)


def _is_picture(name: str) -> bool:
    return Path(name).suffix.lower() in PICTURE_ENDINGS


def _listed(home: Path) -> list[Path]:
    try:
        return [path for path in (home / UPLOADS).iterdir() if not path.name.startswith(".")]
    except (FileNotFoundError, NotADirectoryError):
        return []


@lru_cache(maxsize=256)
def _folder_size(path: Path, changed: int) -> int:
    """Bytes of all files in a folder, as it was when it changed last."""
    return sum(
        (Path(folder) / name).stat().st_size
        for folder, _, names in os.walk(path)
        for name in names
        if (Path(folder) / name).is_file()
    )


def _require_name(name: str) -> None:
    """Raises UnusableUpload for a name that leads elsewhere, that hides itself, or that no list can show."""
    tidy = name.strip()
    if not tidy:
        raise UnusableUpload(name, "it has no name")
    if any(part in name for part in "/\\") or name in (".", ".."):
        raise UnusableUpload(name, "its name leads to another folder")
    if tidy.startswith("."):
        raise UnusableUpload(name, "its name begins with a dot")
    if not name.isprintable():
        raise UnusableUpload(name, "its name has characters in it that cannot be seen")
    if len(tidy) > LONGEST_NAME or len(os.fsencode(tidy)) > 2 * LONGEST_NAME:
        raise UnusableUpload(name, f"its name is longer than {LONGEST_NAME} characters")


def _write(parcel: Parcel, path: Path) -> None:
    path.parent.mkdir()
    if not parcel.folder:
        path.write_bytes(parcel.files[0].content)
        return
    path.mkdir()
    for file in parcel.files:
        _free(path / file.name.strip()).write_bytes(file.content)


def _put(path: Path, target: Path) -> None:
    """Gives it its name; where somebody was quicker, theirs stays. Raises UploadTaken."""
    try:
        if path.is_dir():
            path.rename(target)
        else:
            # A rename would replace a file without a word.
            target.hardlink_to(path)
    except OSError as error:
        if target.exists():
            raise UploadTaken(target.name) from error
        raise


def _free(path: Path) -> Path:
    """This path, or where two files of an upload have the same name: `1 (2).png`."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_stem(f"{path.stem} ({number})")
    return free


def _require_source(path: Path, name: str) -> None:
    try:
        open_source(path).close()
    except UnusableSource as error:
        # The path is of no use to anybody: nothing lies there any more.
        raise UnusableSource(repr(name), error.reason.replace(str(path), name), "Nothing of it was kept.") from None


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CannotWrite(str(path), (error.strerror or str(error)).lower()) from error
