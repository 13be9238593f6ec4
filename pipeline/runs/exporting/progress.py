"""The callback of long exports."""

from typing import Protocol


class ExportProgress(Protocol):
    """Called repeatedly with the current activity (`Writing steps`) and how much of it is done.

    If it raises, the export stops and leaves no file.
    """

    def __call__(self, doing: str, done: int, total: int) -> None: ...


def unseen(doing: str, done: int, total: int) -> None:
    """Show nothing."""
