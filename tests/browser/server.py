"""The real server as a process of its own, with a home of its own, started and stopped as a user's is."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil

from pipeline.runs.store import Store
from pipeline.runtime.address import Address, read_note

ROOT = Path(__file__).resolve().parents[2]
UP_SECONDS, DOWN_SECONDS = 30.0, 20.0


class Server:
    """`streamlit run` on a free port of this machine. Use as a context: nothing is left running after it.

    home: its GENSCOPE_HOME; may be set to another while it is stopped. app: what it serves, from the project's root.
    url: the same each time it is started.
    """

    def __init__(self, home: Path, app: str = "Home.py") -> None:
        self.home = home
        self._app = app
        self._port = _free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._log = home.with_name(f"{home.name}.server.log")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Server":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end(signal.SIGTERM)
        self.end_engines()

    @property
    def engine(self) -> int:
        """Process id of the training engine; 0 where none is there."""
        note = read_note(Address(self.home, "train").note)
        return note.pid if note is not None and is_alive(note.pid) else 0

    def store(self) -> Store:
        """What the runs in this server's home have left behind; the caller closes it."""
        return Store(self.home, f"sqlite:///{self.home / 'genscope.sqlite'}")

    def start(self) -> None:
        """Starts the server, in a process group of its own, and returns when it answers."""
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
            assert self._process.poll() is None, f"the server ended: {self._log.read_text(errors='replace')[-2000:]}"
            assert time.monotonic() < deadline, f"the server did not answer within {UP_SECONDS:g} seconds"
            time.sleep(0.02)

    def end(self, number: signal.Signals) -> None:
        """Sends the server, and not its engines, this signal, and waits until it is gone."""
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
        """Stops the engines of this home without waiting until they find that they are alone."""
        for role in ("train", "draw"):
            _end_engine(Address(self.home, role))

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


def is_alive(pid: int) -> bool:
    """Whether there is such a process, and it has not ended already."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _end_engine(address: Address) -> None:
    note = read_note(address.note)
    if note is None:
        return
    try:
        process = psutil.Process(note.pid)
        process.terminate()
        process.wait(DOWN_SECONDS)
    except psutil.NoSuchProcess:
        pass
