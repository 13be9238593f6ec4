"""Read the size and the text chunks of a PNG file without decoding pixels.

An untrusted picture may claim any size, and a tiny compressed text may unpack to gigabytes. So the chunks are parsed
here (PNG specification, third edition, sections 5 and 11.3.3), with a limit on the size of an unpacked text.
"""

import struct
import zlib
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
LONGEST_TEXT = 2_000_000
"""Maximum size of one unpacked text, in bytes."""


class InvalidPNG(Exception):
    """Bytes that are not a complete PNG file; the message is the reason, as part of a sentence."""


def width_at(picture: bytes, height: int) -> int:
    """The width in pixels, at least 1, at which this PNG is `height` pixels high. picture: one that Genscope wrote."""
    size: tuple[int, int] = struct.unpack_from(">II", picture, len(SIGNATURE) + 8)
    wide, high = size
    return max(1, round(height * wide / high))


def texts(picture: bytes) -> dict[str, str]:
    """Keyword -> text of every tEXt, zTXt and iTXt chunk. Raises InvalidPNG."""
    found: dict[str, str] = {}
    for kind, content in _chunks(picture):
        if kind in (b"tEXt", b"zTXt", b"iTXt"):
            keyword, _, rest = content.partition(b"\0")
            found[keyword.decode("latin-1")] = _text(kind, rest)
    return found


def _chunks(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield (kind, content) of each chunk up to and including IEND. Raises InvalidPNG."""
    if not picture.startswith(SIGNATURE):
        raise InvalidPNG("it is not a PNG picture")
    place = len(SIGNATURE)
    kind = b""
    while kind != b"IEND":
        if place + 12 > len(picture):
            raise InvalidPNG("the picture is cut off")
        length, kind = struct.unpack_from(">I4s", picture, place)
        content = picture[place + 8 : place + 8 + length]
        checksum = picture[place + 8 + length : place + 12 + length]
        if len(checksum) < 4:
            raise InvalidPNG("the picture is cut off")
        if int.from_bytes(checksum, "big") != zlib.crc32(content, zlib.crc32(kind)):
            raise InvalidPNG("the picture is damaged")
        yield kind, content
        place += 12 + length


def _text(kind: bytes, rest: bytes) -> str:
    """The text of a chunk from what follows its keyword."""
    if kind == b"tEXt":
        return _within_limit(rest).decode("latin-1")
    if kind == b"zTXt":
        return _unpacked(rest[1:]).decode("latin-1")
    packed, rest = rest[:1], rest[2:]
    _language, _, rest = rest.partition(b"\0")
    _translated, _, rest = rest.partition(b"\0")
    try:
        return (_unpacked(rest) if packed == b"\1" else _within_limit(rest)).decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidPNG("one of its texts is not UTF-8") from None


def _unpacked(packed: bytes) -> bytes:
    try:
        return _within_limit(zlib.decompressobj().decompress(packed, LONGEST_TEXT + 1))
    except zlib.error:
        raise InvalidPNG("one of its texts cannot be unpacked") from None


def _within_limit(text: bytes) -> bytes:
    if len(text) > LONGEST_TEXT:
        raise InvalidPNG(f"one of its texts is longer than {LONGEST_TEXT:,} bytes")
    return text
