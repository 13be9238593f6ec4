"""A request to pause a run, left as a file in its folder for the process that trains it.

Pages talk to their own engine directly. A run trained by another process (a Python script, a notebook, the command
line, a server on another machine with the same home) is reached by this file: that process looks for it between two
slices, and answers by finishing the step, saving, and deleting the file.
"""

import json
import time
from dataclasses import asdict, dataclass

from pipeline.runs.atomic_files import os_errors_as_refusals, write_atomically
from pipeline.runs.files import RunFiles


@dataclass(frozen=True)
class PauseRequest:
    """A request to pause a run. who: name of the user, "" if unknown. time: seconds since 1970."""

    who: str
    time: float


def request_pause(files: RunFiles, who: str) -> None:
    """Leave a request, replacing an earlier one. Raises CannotWrite."""
    write_atomically(files.pause, json.dumps(asdict(PauseRequest(who, time.time()))).encode())


def pending_request(files: RunFiles) -> PauseRequest | None:
    """The pending request, or None: a single file read. A damaged request still counts."""
    try:
        content = files.pause.read_bytes()
    except FileNotFoundError:
        return None
    except OSError:
        content = b""
    try:
        found = json.loads(content)
        return PauseRequest(str(found["who"]), float(found["time"]))
    except (ValueError, TypeError, KeyError):
        return PauseRequest("", 0.0)


def withdraw(files: RunFiles) -> None:
    """Delete the request, if there is one: it was answered, or no process will answer it. Raises CannotWrite."""
    with os_errors_as_refusals(files.pause):
        files.pause.unlink(missing_ok=True)
