"""Workflows saved under a name: one file each, `workflows/<name>.json` in the home.

The file name is the workflow's name, percent-encoded where file systems require it, so that two names never share a
file and none leads out of the folder. This module does not interpret the text; `pipeline/graph/document.py` does.
"""

import unicodedata
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from pipeline.errors.workflow import NameExists, UnknownWorkflow, UnusableName
from pipeline.runs.atomic_files import make_folder, os_errors_as_refusals, temporary_sibling

LONGEST_NAME = 60
_LONGEST_FILE_NAME = 200
_KEPT_CHARACTERS = " ()[],+&="


@dataclass(frozen=True)
class SavedWorkflow:
    """A saved workflow. saved: seconds since 1970."""

    name: str
    saved: float


def save(home: Path, name: str, text: str, *, replace: bool = False) -> str:
    """Save `text` under `name` and return the name as listed (without spaces at its ends).

    Raises NameExists if the name is in use, unless `replace`; UnusableName, CannotWrite.
    """
    path, name = _path(home, name), _tidy(name)
    make_folder(path.parent)
    # Encode first, so that text that cannot be encoded fails before any file is touched.
    content = text.encode("utf-8")
    with os_errors_as_refusals(path), temporary_sibling(path) as temporary:
        temporary.write_bytes(content)
        if replace:
            temporary.replace(path)
        else:
            try:
                # A hard link is created only if the name is free, however many processes try at once.
                path.hardlink_to(temporary)
            except FileExistsError as error:
                raise NameExists(name) from error
    return name


def saved(home: Path) -> list[SavedWorkflow]:
    """Every saved workflow, the last saved first."""
    found = []
    for path in (home / "workflows").glob("*.json"):
        try:
            found.append(SavedWorkflow(unquote(path.stem), path.stat().st_mtime))
        except FileNotFoundError:
            # Deleted since the folder was listed.
            continue
    return sorted(found, key=lambda workflow: (-workflow.saved, workflow.name))


def load(home: Path, name: str) -> str:
    """The text saved under `name`. Raises UnknownWorkflow."""
    try:
        return _path(home, name).read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, UnusableName) as error:
        raise UnknownWorkflow(name, [workflow.name for workflow in saved(home)]) from error


def rename(home: Path, name: str, new_name: str) -> str:
    """Give a saved workflow another name, and return it as listed.

    Raises NameExists if that is in use, UnknownWorkflow, UnusableName, CannotWrite.
    """
    path, new_path = _path(home, name), _path(home, new_name)
    if path != new_path:
        with os_errors_as_refusals(new_path):
            try:
                new_path.hardlink_to(path)
            except FileExistsError as error:
                raise NameExists(new_name) from error
            except FileNotFoundError as error:
                raise UnknownWorkflow(name, [workflow.name for workflow in saved(home)]) from error
            path.unlink(missing_ok=True)
    return _tidy(new_name)


def delete(home: Path, name: str) -> None:
    """Delete the workflow saved under `name`. Raises UnknownWorkflow, UnusableName, CannotWrite."""
    path = _path(home, name)
    with os_errors_as_refusals(path):
        try:
            path.unlink()
        except FileNotFoundError as error:
            raise UnknownWorkflow(name, [workflow.name for workflow in saved(home)]) from error


def as_name(text: str) -> str:
    """The text as the name of a workflow or a run: at most LONGEST_NAME visible characters; "" if it has none."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())[:LONGEST_NAME].rstrip()


def _tidy(name: str) -> str:
    # A single encoding of é, so that names that look the same are the same.
    return unicodedata.normalize("NFC", name.strip())


def _path(home: Path, name: str) -> Path:
    tidy = _tidy(name)
    if not tidy or len(tidy) > LONGEST_NAME or not tidy.isprintable():
        raise UnusableName(name, LONGEST_NAME)
    encoded = quote(tidy, safe=_KEPT_CHARACTERS)
    if len(encoded) > _LONGEST_FILE_NAME:
        raise UnusableName(name, LONGEST_NAME)
    return home / "workflows" / f"{encoded}.json"
