"""Standard output and error that never break a command: they may be closed or full, or lack a character.

with safe_streams() as out:
    print("…")
out.fault  # why some of it could not be written; "" if all was
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO, cast


class SafeStream:
    """A text stream that drops what it cannot write, and remembers why.

    fault: why it could not write, for a sentence; "" if it could. left: whether its reader went away (`| head`), which
    is no fault of the command. Characters that the stream's encoding lacks are written as escapes.
    """

    def __init__(self, stream: TextIO | None) -> None:
        """stream: None if it was closed before Python started."""
        self._stream = stream
        self.fault = "" if stream is not None else "it is closed"
        self.left = False

    def write(self, text: str) -> int:
        """Write the text if the stream still works; return its length."""
        if self._stream is not None and not self.fault:
            try:
                self._stream.write(self._encodable(text))
            except (OSError, ValueError) as error:
                self._lose(error)
        return len(text)

    def flush(self) -> None:
        """Flush the stream if it still works."""
        if self._stream is not None and not self.fault:
            try:
                self._stream.flush()
            except (OSError, ValueError) as error:
                self._lose(error)

    def isatty(self) -> bool:
        """Whether it is a terminal that still works."""
        return self._stream is not None and not self.fault and self._stream.isatty()

    def __getattr__(self, name: str) -> Any:
        # What other libraries ask of a stream: encoding, fileno, buffer and so on.
        return getattr(self._stream, name)

    def _encodable(self, text: str) -> str:
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        return text.encode(encoding, "backslashreplace").decode(encoding)

    def _lose(self, error: OSError | ValueError) -> None:
        self.left = isinstance(error, BrokenPipeError)
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error) or "it is closed"
        self.fault = reason[:1].lower() + reason[1:]
        # Python flushes what is left at exit, which would fail again; let it go nowhere.
        with suppress(OSError, ValueError):
            sink = os.open(os.devnull, os.O_WRONLY)
            os.dup2(sink, cast(TextIO, self._stream).fileno())
            os.close(sink)


@contextmanager
def safe_streams() -> Iterator[SafeStream]:
    """Make `sys.stdout` and `sys.stderr` SafeStreams for a while, and return the first."""
    _fill_closed()
    before = sys.stdout, sys.stderr
    out, err = SafeStream(sys.stdout), SafeStream(sys.stderr)
    sys.stdout, sys.stderr = cast(TextIO, out), cast(TextIO, err)
    try:
        yield out
    finally:
        out.flush()
        err.flush()
        sys.stdout, sys.stderr = before


def _fill_closed() -> None:
    """Open the null device in place of standard streams that are closed.

    Otherwise the next file to be opened, such as the database, would get a standard stream's number, and whatever a
    library prints would be written into it.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # The lowest free number is this one.
            os.open(os.devnull, os.O_RDWR)
