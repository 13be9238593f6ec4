"""Opening a zip without trusting what it says of itself: the pictures' zip and the `.npz`, which is one too."""

import io
import zipfile
import zlib
from pathlib import Path

from pipeline.data.files.limits import MOST_ZIP_DIRECTORY_BYTES
from pipeline.errors.data import UnusableSource

UNREADABLE = (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError, NotImplementedError)
"""What zipfile raises at damaged or forged archives."""


class BoundedZip(zipfile.ZipFile):
    """A zip that closes its file with itself, and reads no table of contents that is too long."""

    def __init__(self, path: Path) -> None:
        self._file = _BoundedFile(path)
        try:
            super().__init__(self._file)
        except BaseException:
            self._file.close()
            raise

    def close(self) -> None:
        super().close()
        self._file.close()


def open_zip(path: Path) -> BoundedZip:
    """Raises UnusableSource where it cannot be read as a zip."""
    try:
        return BoundedZip(path)
    except _TooLong:
        raise UnusableSource(str(path), "its table of contents lists more files than a zip may hold here") from None
    except UNREADABLE as error:
        reason = error.strerror.lower() if isinstance(error, OSError) and error.strerror else "it is damaged"
        raise UnusableSource(str(path), reason) from None


class _TooLong(Exception):
    """A single read of more bytes than a sound table of contents has."""


class _BoundedFile(io.BufferedReader):
    """zipfile reads the whole table of contents at once, as long as the zip says it is, and all else in small parts."""

    def __init__(self, path: Path) -> None:
        super().__init__(io.FileIO(path))

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > MOST_ZIP_DIRECTORY_BYTES:
            raise _TooLong
        return super().read(size)
