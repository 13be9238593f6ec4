"""The progress callback of long reads and downloads."""

from typing import Protocol


class ReadProgress(Protocol):
    """Called repeatedly with the current activity (`Reading images`) and how much of it is done; total: 0 if unknown.

    It is called some hundred times in all, from the thread that started the read. If it raises (ReadingStopped), the
    read stops and leaves no files behind.
    """

    def __call__(self, doing: str, done: int, total: int) -> None: ...


def no_progress(doing: str, done: int, total: int) -> None:
    """Ignore progress."""
