"""How far a long reading has come, told to whoever waits for it."""

from typing import Protocol


class ReadProgress(Protocol):
    """Told again and again what is being done (`Reading images`), and how much of it is.

    It is called from the thread that asked for the reading, some hundred times in all. What it raises (ReadingStopped)
    ends the reading, which then leaves nothing behind.
    """

    def __call__(self, doing: str, done: int, total: int) -> None: ...


def unwatched(doing: str, done: int, total: int) -> None:
    """The progress of a reading that nobody follows."""
