"""Opens a zip (of pictures, or an `.npz`) without trusting the sizes that it claims."""

import io
import zipfile
import zlib
from pathlib import Path

from pipeline.data.files.limits import MOST_ZIP_DIRECTORY_BYTES
from pipeline.errors.data import UnusableSource

UNREADABLE = (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError, NotImplementedError)
"""Exceptions that zipfile raises for damaged or forged archives."""


class BoundedZip(zipfile.ZipFile):
    """A zip that closes its own file and refuses to read a table of contents that is too long."""

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
    """Open a zip. Raises UnusableSource if it cannot be read as one."""
    try:
        return BoundedZip(path)
    except _TooLong:
        raise UnusableSource(str(path), "its table of contents is longer than allowed") from None
    except UNREADABLE as error:
        reason = error.strerror.lower() if isinstance(error, OSError) and error.strerror else "it is damaged"
        raise UnusableSource(str(path), reason) from None


class _TooLong(Exception):
    """Raised at a single read of more bytes than a table of contents may have."""


class _BoundedFile(io.BufferedReader):
    """Limits each read: zipfile reads the whole table of contents at once, at the length that the zip claims, and
    everything else in small parts."""

    def __init__(self, path: Path) -> None:
        super().__init__(io.FileIO(path))

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > MOST_ZIP_DIRECTORY_BYTES:
            raise _TooLong
        return super().read(size)
