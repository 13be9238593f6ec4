"""Reads as many bytes as a header promises, without allocating memory for bytes that are not there."""

from typing import IO

AT_ONCE = 16_000_000


def read_at_most(stream: IO[bytes], count: int) -> bytes:
    """Up to `count` bytes, fewer at the end of the stream. Memory grows with the bytes that arrive, not with
    `count`."""
    pieces = []
    while count > 0 and (piece := stream.read(min(count, AT_ONCE))):
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)
