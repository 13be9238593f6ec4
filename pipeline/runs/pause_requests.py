"""A request to pause a run, left in its folder for whichever process trains it.

Pages reach the engine by its link. A run that another process trains (a Python script, a notebook, the command line, a
server on another machine with the same home) they reach by this file: who trains looks for it between two slices, and
answers by finishing the step, saving, and taking the file away.
"""

import json
import time
from dataclasses import asdict, dataclass

from pipeline.runs.atomic_files import refusals_as_sentences, write_whole
from pipeline.runs.files import RunFiles


@dataclass(frozen=True)
class PauseRequest:
    """who: the name of who wants the run paused, "" where they gave none. time: when, in seconds since 1970."""

    who: str
    time: float


def ask(files: RunFiles, who: str) -> None:
    """Leaves the request. Whoever asks while another request waits takes its place. Raises CannotWrite."""
    write_whole(files.pause, json.dumps(asdict(PauseRequest(who, time.time()))).encode())


def asked(files: RunFiles) -> PauseRequest | None:
    """The request that waits, None where there is none: one look at the disk. A damaged one is still a request."""
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
    """Takes the request away, where there is one: it is answered, or nobody will answer it. Raises CannotWrite."""
    with refusals_as_sentences(files.pause):
        files.pause.unlink(missing_ok=True)
