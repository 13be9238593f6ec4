"""Paths from the environment: the home (GENSCOPE_HOME), the database (GENSCOPE_DATABASE_URL), custom nodes
(GENSCOPE_NODES)."""

import os
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from pipeline.errors.machine import CannotWrite, UnusableDatabaseUrl
from pipeline.runs.atomic_files import make_folder, os_errors_as_refusals

_ADVICE = "Set GENSCOPE_HOME to a folder that you may write to"


def home(*, make: bool = True) -> Path:
    """The folder that holds everything, as an absolute path: GENSCOPE_HOME, else `.genscope` in the working directory.

    Created if missing, accessible to this user only; make: False to leave that to others. Raises CannotWrite.
    """
    folder = home_path()
    with os_errors_as_refusals(folder):
        found = next(path for path in (folder, *folder.parents) if path.exists())
    if not found.is_dir():
        raise CannotWrite(str(folder), f"{'it' if found == folder else found} is not a folder", _ADVICE)
    if found != folder and not make:
        return folder
    make_folder(folder)
    effective = os.access in os.supports_effective_ids
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK, effective_ids=effective):
        raise CannotWrite(str(folder), "the folder is read-only for this user", _ADVICE)
    return folder


def custom_node_folders() -> tuple[Path, ...]:
    """Folders and files of custom nodes, as absolute paths: GENSCOPE_NODES, separated as in PATH; () if it is not
    set. A place that begins with `~` and a user who does not exist is returned as it is, and so is not found."""
    setting = os.environ.get("GENSCOPE_NODES", "").split(os.pathsep)
    places = []
    for place in filter(None, setting):
        try:
            places.append(Path(place).expanduser().absolute())
        except RuntimeError:
            places.append(Path(place).absolute())
    return tuple(dict.fromkeys(places))


def home_path() -> Path:
    """The path of `home`, without creating it, so that checking a workflow leaves no trace.

    Raises CannotWrite if it begins with `~` and the name of a user who does not exist.
    """
    named = os.environ.get("GENSCOPE_HOME") or ".genscope"
    try:
        return Path(named).expanduser().absolute()
    except RuntimeError:
        user = named[1:].partition("/")[0][:60]
        raise CannotWrite(named[:200], f"there is no user {user!r}") from None


def database_url(home: Path) -> URL:
    """GENSCOPE_DATABASE_URL, else the SQLite file `genscope.sqlite` in `home`. Raises UnusableDatabaseUrl."""
    url = os.environ.get("GENSCOPE_DATABASE_URL")
    if not url:
        return URL.create("sqlite", database=str(home / "genscope.sqlite"))
    try:
        return make_url(url)
    except (ArgumentError, ValueError) as error:
        raise UnusableDatabaseUrl("in GENSCOPE_DATABASE_URL", "it is not a database URL") from error
