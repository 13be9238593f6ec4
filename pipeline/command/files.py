"""Files named on the command line: workflows to read and output paths, all checked before any work is done."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.data.files.formats import ENDINGS
from pipeline.errors.machine import UnusableFile
from pipeline.graph.workflow import Workflow
from pipeline.studio import workflows

WORKFLOW: Mapping[str, Any] = {
    "type": Path,
    "metavar": "WORKFLOW",
    "help": "workflow file (JSON), or a sample grid (PNG), which contains one",
}
"""The argument of every command that reads a workflow."""
MOST_BYTES = 32_000_000
"""Maximum number of bytes read from a workflow file. JSON is refused at far smaller sizes; a larger picture is cut
off."""


def read_workflow(path: Path) -> Workflow:
    """Read the workflow from a JSON file or a sample grid. Raises UnusableFile or UnreadableDocument."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES)
    except OSError as error:
        raise UnusableFile(str(path), "read", (error.strerror or str(error)).lower()) from None
    return workflows.open_file(content, path.name)


def names_file(path: Path) -> bool:
    """Whether an output path means one file, by its ending, and not a folder of files."""
    return path.suffix.lower() in (*ENDINGS, ".npz")


def writable(path: Path, endings: tuple[str, ...]) -> Path:
    """Return `path` if a file can be created or replaced there. Raises UnusableFile.

    endings: the allowed file extensions. Devices and pipes are refused: writing goes to a temporary file that then
    replaces `path`, and that must not happen to /dev/null.
    """
    try:
        if path.suffix.lower() not in endings:
            raise UnusableFile(str(path), "written", f"its name must end with {' or '.join(endings)}")
        if not path.parent.is_dir():
            raise UnusableFile(str(path), "written", f"there is no folder {path.parent}")
        if path.exists() and not path.is_file():
            raise UnusableFile(str(path), "written", "it is not a file")
        if not os.access(path.parent, os.W_OK | os.X_OK):
            raise UnusableFile(str(path), "written", f"you may not write to the folder {path.parent}")
    except OSError as error:
        raise UnusableFile(str(path), "written", (error.strerror or str(error)).lower()) from None
    return path


def writable_folder(path: Path, whose: str = "a grid's", ending: str = ".png") -> Path:
    """Return `path` if it is a writable folder or can be created as one. Raises UnusableFile.

    whose, ending: what a file would have to be named like, for the message; "" if it cannot be a file.
    """
    try:
        there = path.exists()
        if there and not path.is_dir():
            file = f"and {whose} name must end with {ending}" if whose else "and a folder is needed"
            raise UnusableFile(str(path), "written", f"it is not a folder, {file}")
        if not there and not path.parent.is_dir():
            raise UnusableFile(str(path), "written", f"there is no folder {path.parent}")
        if not os.access(path if there else path.parent, os.W_OK | os.X_OK):
            raise UnusableFile(
                str(path), "written", f"you may not write to the folder {path if there else path.parent}"
            )
    except OSError as error:
        raise UnusableFile(str(path), "written", (error.strerror or str(error)).lower()) from None
    return path
