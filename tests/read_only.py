"""A folder that this process cannot write, whoever runs the tests."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534
"""The user id of a user who owns nothing."""


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Inside, `folder` and all that is in it can be read but not written. Files that are open already stay writable.

    The superuser may write anywhere, so inside its process acts as a user who owns nothing.
    """
    superuser = os.geteuid() == 0
    # That user has to reach the folder.
    places = [folder, *folder.parents] if superuser else [folder]
    modes = {place: stat.S_IMODE(place.stat().st_mode) for place in places}
    inside = {path: stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*")}
    for path, mode in (modes | inside).items():
        wanted = (mode | 0o055 if path.is_dir() else mode | 0o044) if superuser else mode & ~0o222
        if wanted != mode:
            path.chmod(wanted)
    if superuser:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if superuser:
            os.seteuid(0)
        for path, mode in (modes | inside).items():
            if path.exists() and stat.S_IMODE(path.stat().st_mode) != mode:
                path.chmod(mode)
