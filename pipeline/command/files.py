"""Files that a user names on the command line: workflows to read, and places to write to, refused before any work."""

import os
from pathlib import Path

from pipeline.errors.machine import UnusableFile
from pipeline.graph.workflow import Workflow
from pipeline.studio import workflows

MOST_BYTES = 32_000_000
"""Read of a workflow file at most. A document is refused long before; a picture of this size is cut off."""


def read_workflow(path: Path) -> Workflow:
    """The workflow in a JSON file or a sample grid. Raises UnusableFile, UnreadableDocument."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES)
    except OSError as error:
        raise UnusableFile(str(path), "read", (error.strerror or str(error)).lower()) from None
    return workflows.open_file(content, path.name)


def writable(path: Path, endings: tuple[str, ...]) -> Path:
    """`path`, if a file can be put there: a new one, or one in the place of another. Raises UnusableFile.

    endings: what its name may end with. A device or a pipe is refused: the file is written beside it and then takes
    its place, which must not happen to /dev/null.
    """
    try:
        if path.suffix.lower() not in endings:
            raise UnusableFile(str(path), "written", f"its name must end with {' or '.join(endings)}")
        if not path.parent.is_dir():
            raise UnusableFile(str(path), "written", f"there is no folder {path.parent}")
        if path.exists() and not path.is_file():
            raise UnusableFile(str(path), "written", "it is not a file")
        if not os.access(path.parent, os.W_OK | os.X_OK):
            raise UnusableFile(str(path), "written", f"the folder {path.parent} is read-only for you")
    except OSError as error:
        raise UnusableFile(str(path), "written", (error.strerror or str(error)).lower()) from None
    return path


def writable_folder(path: Path) -> Path:
    """`path`, if it is a folder that files can be put into, or can be made one. Raises UnusableFile."""
    try:
        there = path.exists()
        if there and not path.is_dir():
            raise UnusableFile(str(path), "written", "it is not a folder, and a grid's name must end with .png")
        if not there and not path.parent.is_dir():
            raise UnusableFile(str(path), "written", f"there is no folder {path.parent}")
        if not os.access(path if there else path.parent, os.W_OK | os.X_OK):
            raise UnusableFile(str(path), "written", "the folder is read-only for you")
    except OSError as error:
        raise UnusableFile(str(path), "written", (error.strerror or str(error)).lower()) from None
    return path
