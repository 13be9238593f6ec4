"""The dashboard's server as a process of its own with its own home, started and stopped as a user does it."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Self

import psutil

from pipeline.errors.base import Fault
from pipeline.runtime.address import ROLES, Address, read_note

ROOT = Path(__file__).resolve().parents[2]
UP_SECONDS, DOWN_SECONDS = 120.0, 60.0


class ServerTrouble(Fault):
    """A server that does not start."""


class Server:
    """`streamlit run` on a free port of this machine. Use it as a context manager, which leaves no process running.

    home: its GENSCOPE_HOME; may be changed while the server is stopped. app: the script to serve, relative to the
    project's root. url: stays the same when the server is restarted.
    """

    def __init__(self, home: Path, app: str = "Home.py") -> None:
        self.home = home
        self._app = app
        self._port = _free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._log = home.with_name(f"{home.name}.server.log")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.end(signal.SIGKILL)
        end_engines(self.home)

    @property
    def engine(self) -> int:
        """The process id of the training engine, or 0 if there is none."""
        note = read_note(Address(self.home, "train").note)
        return note.pid if note is not None and is_alive(note.pid) else 0

    def start(self) -> None:
        """Start the server in a new process group, and return when it answers. Raises ServerTrouble."""
        environment = {name: value for name, value in os.environ.items() if name != "GENSCOPE_DATABASE_URL"}
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", self._app, "--server.port", str(self._port)],
                cwd=ROOT,
                env=environment | {"GENSCOPE_HOME": str(self.home)},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + UP_SECONDS
        while not self._answers():
            if self._process.poll() is not None:
                raise ServerTrouble(f"The server ended: {self._log.read_text(errors='replace')[-2000:]}")
            if time.monotonic() > deadline:
                raise ServerTrouble(f"The server did not answer within {UP_SECONDS:g} seconds.")
            time.sleep(0.02)

    def end(self, number: signal.Signals) -> None:
        """Send this signal to the server, but not to its engines, and wait until it has ended."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(number)
        try:
            process.wait(DOWN_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise

    def end_engines(self) -> None:
        """Kill the engines of this home; otherwise they stop only when they notice that they are alone."""
        end_engines(self.home)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


def is_alive(pid: int) -> bool:
    """Whether the process exists and has not ended."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def end_engines(home: Path) -> None:
    """Kill the engines of a home of which nothing is needed any more, so that nothing has to be saved."""
    for role in ROLES:
        note = read_note(Address(home, role).note)
        if note is not None:
            with contextlib.suppress(psutil.NoSuchProcess):
                process = psutil.Process(note.pid)
                process.kill()
                process.wait(DOWN_SECONDS)
    shutil.rmtree(Address(home, "train").folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
