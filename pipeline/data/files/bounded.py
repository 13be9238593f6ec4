"""Reading what a header promises without believing it."""

from typing import IO

AT_ONCE = 16_000_000


def read_at_most(stream: IO[bytes], count: int) -> bytes:
    """Up to `count` bytes, fewer at the end of the stream. Memory grows with what comes, not with what is promised."""
    pieces = []
    while count > 0 and (piece := stream.read(min(count, AT_ONCE))):
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)
