"""The profiles of a run as files, named after the last step that they measured:

    runs/<id>/profiles/step-000001400.json       what it says, by stage and by operator (profile_records.py)
    runs/<id>/profiles/step-000001400.json.gz    the trace, in Chrome's format; Perfetto opens it as it is

The last five that were made are kept. One of the same step replaces an earlier one. The trace is written first, so a
process that is killed between the two leaves a trace alone, which is ignored, and deleted with the next profile.
Damaged files are ignored.
"""

import gzip
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from tempfile import mkdtemp

from pipeline.runs.atomic_files import make_folder, os_errors_as_refusals, temporary_sibling, write_atomically
from pipeline.runs.files import RunFiles, by_step
from pipeline.runs.profile_records import Profile

KEPT_PROFILES = 5
TRACE = ".json.gz"
FACTS = ".json"
HIDDEN = ".trace-"
FAST = 4
"""The level of compression: a trace becomes a thirteenth of its size, at 95 MB a second."""


def folder_of(files: RunFiles) -> Path:
    """The folder of a run's profiles, whether it exists or not."""
    return files.folder / "profiles"


@contextmanager
def workplace(files: RunFiles) -> Iterator[Path]:
    """A hidden folder on the same disk to write a trace in; only for the process that holds the run. It is deleted in
    the end, and so is what a killed process left in one. Raises CannotWrite."""
    make_folder(folder_of(files))
    for left in folder_of(files).glob(f"{HIDDEN}*"):
        shutil.rmtree(left, ignore_errors=True)
    with os_errors_as_refusals(folder_of(files)):
        folder = Path(mkdtemp(prefix=HIDDEN, dir=folder_of(files)))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def save(files: RunFiles, profile: Profile, trace: Path) -> None:
    """Save a profile, and delete all but the last ones. trace: an uncompressed file; it stays. Raises CannotWrite."""
    make_folder(folder_of(files))
    path = _path(files, profile.last, TRACE)
    with os_errors_as_refusals(path), temporary_sibling(path) as temporary:
        with trace.open("rb") as plain, gzip.open(temporary, "wb", compresslevel=FAST) as packed:
            shutil.copyfileobj(plain, packed, 1 << 20)
        temporary.replace(path)
    write_atomically(_path(files, profile.last, FACTS), json.dumps(profile.as_dict(), allow_nan=False).encode())
    _thin(files)


def load(files: RunFiles) -> tuple[Profile, ...]:
    """The run's profiles, the newest first."""
    found = (_profile_in(path, step) for step, path in by_step(folder_of(files), FACTS))
    return tuple(sorted(filter(None, found), key=lambda profile: profile.made, reverse=True))


def trace_of(files: RunFiles, profile: Profile) -> Path | None:
    """The compressed trace of a profile; None if it is missing."""
    path = _path(files, profile.last, TRACE)
    return path if path.is_file() else None


def _path(files: RunFiles, step: int, ending: str) -> Path:
    return folder_of(files) / f"step-{step:09d}{ending}"


def _thin(files: RunFiles) -> None:
    kept = {profile.last for profile in load(files)[:KEPT_PROFILES]}
    for ending in (FACTS, TRACE):
        for step, path in by_step(folder_of(files), ending):
            if step not in kept:
                with os_errors_as_refusals(path):
                    path.unlink(missing_ok=True)


def _profile_in(path: Path, step: int) -> Profile | None:
    """The profile of `step` in a file; None if the file is damaged or has been deleted meanwhile."""
    try:
        facts = path.stat()
    except OSError:
        return None
    return _read(path, step, facts.st_mtime_ns, facts.st_size)


@lru_cache(maxsize=64)
def _read(path: Path, step: int, changed: int, size: int) -> Profile | None:
    """Read a profile, cached, since pages ask with every redraw. changed, size: cache keys of the file's version."""
    try:
        found = Profile.from_dict(json.loads(path.read_bytes()))
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None
    return found if found.last == step else None
