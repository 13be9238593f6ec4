"""Finds and opens the source that a user names; its kind is detected from its content."""

import gzip
import os
import stat
import zipfile
import zlib
from pathlib import Path

from pipeline.data.files.archive import ZipSource
from pipeline.data.files.cifar import PICKLE, is_cifar_folder, open_cifar
from pipeline.data.files.folder import FolderSource, HoldsShards
from pipeline.data.files.formats import ENDINGS
from pipeline.data.files.idx import GZIP, images_in, is_idx, open_idx
from pipeline.data.files.npz import open_npz
from pipeline.data.files.rules import Rules
from pipeline.data.files.source import ImageSource
from pipeline.data.files.tar import HoldsCifar, TarSource
from pipeline.data.files.unpacking import is_packed_file, is_tar
from pipeline.data.files.zipped import open_zip
from pipeline.data.large.indexed import open_shards
from pipeline.data.large.shard_files import PARQUET_BEGINS, is_sample_tar
from pipeline.data.progress import ReadProgress, no_progress
from pipeline.errors.data import UnusableSource

UPLOADS = "uploads"
EXPECTED = (
    "Name a folder of images, a zip or a tar of one, a folder of shards (.tar, .parquet), an .npz, an IDX file, or "
    "CIFAR-10's python batches."
)


def find(source: str, home: Path) -> Path:
    """The path that a user means: relative ones are searched in the working directory, then in `home/uploads`.

    Raises UnusableSource if there is nothing, or something that cannot be opened, such as a device or a pipe.
    """
    text = source.strip()
    if not text:
        raise UnusableSource("The source", "it is empty", EXPECTED)
    shown = repr(text[:200])
    if "\0" in text:
        raise UnusableSource(shown, "it contains a zero byte", EXPECTED)
    try:
        named = Path(text).expanduser()
    except RuntimeError:
        raise UnusableSource(shown, f"there is no user {text[1:].partition('/')[0][:60]!r}", EXPECTED) from None
    uploaded = home / UPLOADS
    reason = "there is no such file or folder" + (
        "" if named.is_absolute() else f", neither in the working directory nor in {uploaded}"
    )
    for place in [named] if named.is_absolute() else [Path.cwd() / named, uploaded / named]:
        try:
            mode = place.stat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            continue
        if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
            raise UnusableSource(shown, "it is neither a folder nor a file", EXPECTED)
        if not os.access(place, os.R_OK | (os.X_OK if stat.S_ISDIR(mode) else 0)):
            raise UnusableSource(shown, "you do not have permission to read it")
        return place
    raise UnusableSource(shown, reason, EXPECTED)


def open_source(path: Path, rules: Rules = "0.4", progress: ReadProgress = no_progress) -> ImageSource:
    """The source at a path returned by `find`. rules: of the version that reads it. Decodes nothing. Raises
    UnusableSource, and what `progress` raises while shards are listed.

    `large/opening.py` keeps what was listed of large sources.
    """
    source = _open(path, rules, progress)
    source.rules = rules
    return source


def _open(path: Path, rules: Rules, progress: ReadProgress) -> ImageSource:
    if path.is_dir():
        if is_cifar_folder(path):
            return open_cifar(path)
        images = images_in(path)
        try:
            return open_idx(images) if images else FolderSource(path, rules, progress)
        except HoldsShards as found:
            return open_shards(path, found.names, found.folders, progress, found.pictures)
    try:
        begin = _beginning(path)
    except OSError as error:
        raise UnusableSource(str(path), (error.strerror or str(error)).lower()) from None
    # A plain tar begins with the name of its first file.
    if begin.startswith(b"PK") and not is_tar(path, begin):
        return open_npz(path, rules) if _holds_arrays(path) else ZipSource(path, rules)
    if begin.startswith(GZIP) and is_idx(_unpacked_beginning(path)):
        return open_idx(path)
    if (is_packed_file(begin) or not is_idx(begin)) and is_tar(path, begin):
        if rules != "0.3" and not is_packed_file(begin) and is_sample_tar(path):
            return open_shards(path, [path.name], [], progress)
        return _open_tar(path, rules)
    if begin.startswith(PARQUET_BEGINS):
        return open_shards(path, [path.name], [], progress)
    if begin.startswith(GZIP):
        return open_cifar(path)
    if is_idx(begin):
        return open_idx(path)
    if begin.startswith(PICKLE):
        return open_cifar(path)
    raise UnusableSource(str(path), *_unknown(path, begin))


def _open_tar(path: Path, rules: Rules) -> ImageSource:
    try:
        return TarSource(path, rules)
    except HoldsCifar:
        return open_cifar(path)


def _unknown(path: Path, begin: bytes) -> tuple[str, str]:
    """Why a file is not a source, and what to do."""
    if not begin:
        return "it is empty (0 bytes)", EXPECTED
    if path.suffix.lower() in ENDINGS:
        return "it is a single picture", "Name its folder instead."
    if path.suffix.lower() in (".zip", ".npz", ".tar", ".tgz"):
        return f"its name ends in {path.suffix}, but its content is of another kind", EXPECTED
    return "this kind of file is not supported", EXPECTED


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(8)


def _unpacked_beginning(path: Path) -> bytes:
    try:
        with gzip.open(path) as file:
            return file.read(4)
    except (OSError, EOFError, zlib.error) as error:
        raise UnusableSource(str(path), f"it is damaged ({str(error)[:100]})") from None


def _holds_arrays(path: Path) -> bool:
    """Whether a zip is an `.npz`: it holds only numpy arrays."""
    with open_zip(path) as archive:
        members: list[zipfile.ZipInfo] = archive.infolist()
        return bool(members) and all(member.filename.endswith(".npy") for member in members)
