"""End the engines of a home that no test needs any more."""

import contextlib
import shutil
from pathlib import Path

import psutil

from pipeline.runtime.address import ROLES, Address, read_note

SECONDS = 60.0


def end_engines(home: Path) -> None:
    """Kill them: nothing of the home is needed, so nothing has to be saved."""
    for role in ROLES:
        note = read_note(Address(home, role).note)
        if note is not None:
            with contextlib.suppress(psutil.NoSuchProcess):
                process = psutil.Process(note.pid)
                process.kill()
                process.wait(SECONDS)
    shutil.rmtree(Address(home, "train").folder, ignore_errors=True)
