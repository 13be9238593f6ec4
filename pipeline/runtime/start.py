"""Find the running engine of an address, or start one: `python -m pipeline.engine ROLE` in a new session.

Not with `multiprocessing` spawn: in the server `__main__` is Streamlit, and a spawned child would run the page again.
"""

import contextlib
import json
import os
import secrets
import subprocess
import sys
import threading
import time
from multiprocessing import AuthenticationError
from pathlib import Path

from pipeline.errors.training import EngineGone
from pipeline.runs.home import custom_node_folders
from pipeline.runtime.address import Address, read_note
from pipeline.runtime.cores import SHORT_SPIN, THREADS
from pipeline.runtime.link import EngineLink, join

CODE = Path(__file__).resolve().parents[2]
LISTEN_SECONDS = 30.0


def find_or_start(address: Address) -> tuple[EngineLink, "subprocess.Popen[bytes] | None"]:
    """A link to the engine, and its process if it was started here. Raises EngineGone if it does not start."""
    with address.reserved():
        if link := find(address):
            return link, None
        process = start(address)
        deadline = time.monotonic() + LISTEN_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            if link := find(address, process.pid):
                return link, process
            time.sleep(0.02)
    ended = process.poll()
    if ended is None:
        process.kill()
        process.wait()
    raise EngineGone(f"it did not start: {_last_words(address)}")


def find(address: Address, pid: int | None = None) -> EngineLink | None:
    """A link to the engine that answers at this address (only process `pid` if given); None if none answers."""
    note = read_note(address.note)
    if note is None or (pid is not None and note.pid != pid):
        return None
    try:
        return join(address.socket, bytes.fromhex(note.key))
    except (OSError, EOFError, ValueError, AuthenticationError):
        return None


def start(address: Address) -> "subprocess.Popen[bytes]":
    """Start the engine process. It reads its key from standard input, so that no process list shows the key."""
    with log_of(address).open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "pipeline.engine", address.role],
            cwd=CODE,
            env=environment(address),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    # Reap the process when it exits: an engine may outlive the handle that started it, and must not stay a zombie.
    threading.Thread(target=process.wait, daemon=True).start()
    assert process.stdin is not None
    # If the process has ended already, `find_or_start` notices and reports the end of its log.
    with contextlib.suppress(BrokenPipeError), process.stdin as channel:
        channel.write(startup())
    return process


def environment(address: Address) -> dict[str, str]:
    """The environment of the engine's process. Paths are absolute, because it starts in another working directory."""
    paths = {"GENSCOPE_HOME": str(address.home), "GENSCOPE_NODES": os.pathsep.join(map(str, custom_node_folders()))}
    return SHORT_SPIN | dict(os.environ) | paths | THREADS.get(address.role, {})


def startup() -> bytes:
    """The line that the engine reads from its standard input: a new key, and this process's working directory."""
    return json.dumps({"key": secrets.token_hex(32), "folder": str(Path.cwd())}).encode() + b"\n"


def log_of(address: Address) -> Path:
    """The file that the engine's output goes to."""
    return address.folder / f"{address.role}.log"


def _last_words(address: Address) -> str:
    lines = log_of(address).read_text(errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else "it logged nothing"
