"""A folder for a file on its way to a browser, or from one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline.errors.machine import CannotWrite


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder that is deleted at the end. Raises CannotWrite if the disk refuses it, or what is done in it."""
    try:
        with TemporaryDirectory(prefix="genscope-") as folder:
            yield Path(folder)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        advice = "Free some space, or set TMPDIR to another folder"
        raise CannotWrite("The folder for temporary files", reason, advice) from error
