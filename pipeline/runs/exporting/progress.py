"""The callback of long exports."""

from typing import Protocol

from pipeline.runs.keeping import MEGABYTE


class ExportProgress(Protocol):
    """Called repeatedly with the current activity (`Writing steps`) and how much of it is done.

    If it raises, the export stops and leaves no file.
    """

    def __call__(self, doing: str, done: int, total: int) -> None: ...


def show_bytes(progress: ExportProgress, doing: str, done: int, total: int) -> None:
    """Show progress of so many bytes, in megabytes. doing: a verb, such as `Writing`."""
    progress(f"{doing} megabytes", done // MEGABYTE, total // MEGABYTE)


def unseen(doing: str, done: int, total: int) -> None:
    """Show nothing."""
