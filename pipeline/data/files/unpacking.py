"""Reads a tar from front to back, packed or not, without trusting the sizes that it claims.

The unpacked bytes of a compressed tar can be reached only in order, so they are read once and counted on the way.
"""

import bz2
import gzip
import importlib
import io
import lzma
import tarfile
import zlib
from pathlib import Path
from typing import IO, Any, cast

from pipeline.data.files.limits import (
    MOST_PACKED_TAR_BYTES,
    MOST_RATIO,
    TAR_RATIO_FROM_BYTES,
)
from pipeline.errors.data import UnusableSource

GZIP, BZIP2, XZ, ZSTANDARD = b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd"
BLOCK = 512
STEP = 1_000_000
"""Bytes read at a time; no header of a tar is longer."""


class TooMuch(Exception):
    """Raised when more is unpacked than allowed; the message says what."""


def is_packed_file(begin: bytes) -> bool:
    """Whether a file that begins with these bytes is compressed."""
    return begin.startswith((GZIP, BZIP2, XZ, ZSTANDARD))


def open_unpacked(path: Path, begin: bytes) -> IO[bytes]:
    """The unpacked bytes of a file. begin: its first bytes. Raises UnusableSource, OSError."""
    if begin.startswith(GZIP):
        return cast("IO[bytes]", gzip.open(path))
    if begin.startswith(BZIP2):
        return cast("IO[bytes]", bz2.open(path))
    if begin.startswith(XZ):
        return cast("IO[bytes]", lzma.open(path))
    if begin.startswith(ZSTANDARD):
        try:
            # In the standard library from Python 3.14 on.
            zstandard: Any = importlib.import_module("compression.zstd")
        except ImportError:
            remedy = "Pack it as .tar.gz or .zip, or use Python 3.14."
            raise UnusableSource(str(path), "this Python cannot unpack Zstandard", remedy) from None
        return cast("IO[bytes]", zstandard.open(path))
    return path.open("rb")


def unpacking_errors() -> tuple[type[Exception], ...]:
    """What damaged archives raise."""
    return (tarfile.TarError, OSError, EOFError, zlib.error, lzma.LZMAError, ValueError, OverflowError, IndexError)


def is_tar(path: Path, begin: bytes) -> bool:
    """Whether a file is a tar, packed or not: its first header has a valid checksum."""
    try:
        with open_unpacked(path, begin) as stream:
            header = stream.read(BLOCK)
            if len(header) < BLOCK or not any(header):
                return False
            tarfile.TarInfo.frombuf(header, "utf-8", "surrogateescape")
    except unpacking_errors():
        return False
    return True


class ForwardStream(io.RawIOBase):
    """Unpacked bytes that are read from front to back. It seeks forward, and back by one byte, which tarfile does.

    packed: size of the file, for the ratio; 0 if the stream is not compressed: it can seek, and nothing is counted.
    """

    def __init__(self, stream: IO[bytes], packed: int, most: int = MOST_PACKED_TAR_BYTES) -> None:
        super().__init__()
        self._stream = stream
        self._packed = packed
        self._most = most
        self._position = 0
        self._last = b""
        self._back = False

    def read(self, size: int = -1, /) -> bytes:
        # Names and other headers are read at the length that they claim.
        if size < 0 or size > STEP:
            raise TooMuch("one of its headers is longer than allowed")
        if not size:
            return b""
        begin = self._last if self._back else b""
        self._back = False
        content = begin + self._exactly(size - len(begin))
        self._last = content[-1:] or self._last
        return content

    def seek(self, place: int, whence: int = io.SEEK_SET, /) -> int:
        if whence != io.SEEK_SET:
            raise io.UnsupportedOperation("seek")
        self._back = False
        if not self._packed:
            self._stream.seek(place)
            self._position = place
            return place
        if place == self._position - 1 and self._last:
            self._back = True
            return place
        while self._position < place:
            piece = self._exactly(min(STEP, place - self._position))
            if not piece:
                break
            self._last = piece[-1:]
        if place < self._position:
            raise io.UnsupportedOperation("seek")
        return self._position

    def tell(self) -> int:
        return self._position - self._back

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def _exactly(self, size: int) -> bytes:
        pieces = []
        while size > 0 and (piece := self._stream.read(min(size, STEP))):
            pieces.append(piece)
            size -= len(piece)
            self._position += len(piece)
            if self._packed:
                if self._position > self._most:
                    raise TooMuch(f"it unpacks to more than {self._most:,} bytes")
                if self._position > TAR_RATIO_FROM_BYTES and self._position > MOST_RATIO * self._packed:
                    raise TooMuch(f"it unpacks to more than {MOST_RATIO:,} times its size, like a bomb")
        return b"".join(pieces)
