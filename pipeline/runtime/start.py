"""Find the running engine of an address, or start one: `python -m pipeline.engine ROLE FOLDER` in a new session.

Several processes are started by torchrun, torch's launcher, as `torch.distributed.run`; the first of them is the engine
that is talked to. A single one is not started with `multiprocessing` spawn: in the server `__main__` is Streamlit, and
a spawned child would run the page again.
"""

import contextlib
import json
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from multiprocessing import AuthenticationError
from pathlib import Path

import psutil

from pipeline.errors.training import EngineGone
from pipeline.runs.home import custom_node_folders
from pipeline.runtime.address import Address, read_note
from pipeline.runtime.cores import SHORT_SPIN, THREADS
from pipeline.runtime.launcher_log import own_lines
from pipeline.runtime.link import EngineLink, join

CODE = Path(__file__).resolve().parents[2]
LISTEN_SECONDS = 30.0
LAUNCH_SECONDS = 120.0
"""The same with several processes, whose launcher imports torch first."""
OF_PROCESSES = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
"""Variables by which a process is one of several. Some clusters set them in every container, that of a server too."""


def find_or_start(address: Address, processes: int = 1) -> tuple[EngineLink, "subprocess.Popen[bytes] | None"]:
    """A link to the engine, whatever its number of processes, and its process if it was started here.

    processes: of an engine that is started. Raises EngineGone if it does not start.
    """
    with address.reserved():
        if link := find(address):
            return link, None
        process = start(address) if processes == 1 else start_several(address, processes)
        deadline = time.monotonic() + (LISTEN_SECONDS if processes == 1 else LAUNCH_SECONDS)
        while time.monotonic() < deadline and process.poll() is None:
            if link := find(address, process.pid):
                return link, process
            time.sleep(0.02)
    ended = process.poll()
    if ended is None:
        end(process)
    raise EngineGone(f"it did not start: {_last_words(address)}")


def find(address: Address, pid: int | None = None) -> EngineLink | None:
    """A link to the engine that answers at this address; None if none answers. pid: only that of this process, or of a
    child of it."""
    note = read_note(address.note)
    if note is None or (pid is not None and pid not in (note.pid, _parent(note.pid))):
        return None
    try:
        return join(address.socket, bytes.fromhex(note.key))
    except (OSError, EOFError, ValueError, AuthenticationError):
        return None


def start(address: Address) -> "subprocess.Popen[bytes]":
    """Start the engine as a single process."""
    return _launch(address, [sys.executable, *engine(address)], environment(address))


def start_several(address: Address, processes: int) -> "subprocess.Popen[bytes]":
    """Start the engine as several processes; returns torchrun's."""
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    # Otherwise torchrun sets it, and warns in the log that it does. Each run chooses the number of its threads itself.
    return _launch(address, [*torchrun, *engine(address)], {"OMP_NUM_THREADS": "1"} | environment(address))


def engine(address: Address) -> list[str]:
    """The arguments of Python that make it the engine. Its working folder is this process's, but only once it is
    imported: no file there may stand in for one of its modules."""
    return ["-m", "pipeline.engine", address.role, str(Path.cwd())]


def end(process: "subprocess.Popen[bytes]") -> None:
    """Kill an engine that does not answer, with all its processes."""
    with contextlib.suppress(psutil.NoSuchProcess):
        for child in psutil.Process(process.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()
    process.kill()
    process.wait()


def _launch(address: Address, command: Sequence[str], environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    """Start the engine. It reads its key from standard input, so that no process list shows the key."""
    with log_of(address).open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=CODE,
            env=environment,
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
    """The environment of the engine's process, without OF_PROCESSES. Paths are absolute, because it starts in another
    working directory."""
    own = {name: value for name, value in os.environ.items() if name not in OF_PROCESSES}
    paths = {"GENSCOPE_HOME": str(address.home), "GENSCOPE_NODES": os.pathsep.join(map(str, custom_node_folders()))}
    return SHORT_SPIN | own | paths | THREADS.get(address.role, {})


def startup() -> bytes:
    """The line that the engine reads from its standard input: a new key."""
    return json.dumps({"key": secrets.token_hex(32)}).encode() + b"\n"


def log_of(address: Address) -> Path:
    """The file that the engine's output goes to."""
    return address.folder / f"{address.role}.log"


def _parent(pid: int) -> int | None:
    try:
        return psutil.Process(pid).ppid()
    except psutil.Error:
        return None


def _last_words(address: Address) -> str:
    lines = own_lines(log_of(address).read_text(errors="replace"))
    return lines[-1][:200] if lines else "it logged nothing"
