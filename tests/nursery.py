"""Engines for tests, forked from a process that has imported torch, and what else takes long to import: a start takes
half a second instead of five, and the first step of the default template, which needs half of it, comes as soon.

`python -m tests.nursery` is that process. It imports libraries only, no module of the project: what these read from the
environment when they are imported differs between tests. The browser tests start engines as users do.
"""

import json
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from types import FrameType
from typing import Any

from pipeline.runtime import start as engine_start
from pipeline.runtime.address import Address
from pipeline.runtime.cores import SHORT_SPIN


class Nursery:
    """Starts engines, as `pipeline.runtime.start.start` does."""

    def __init__(self) -> None:
        self._python = sys.executable
        self._exits = Path(tempfile.mkdtemp(prefix="g-exits-"))
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()

    def start(self, address: Address) -> "subprocess.Popen[bytes] | Nursed":
        if sys.executable != self._python:
            # A test that makes the start fail.
            return _start(address)
        with self._lock:
            return self._fork(address)

    def _fork(self, address: Address) -> "Nursed":
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.nursery", str(self._exits)],
                cwd=engine_start.CODE,
                env=os.environ | SHORT_SPIN,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self._process.stdin is not None and self._process.stdout is not None
        wanted = {
            "arguments": engine_start.engine(address)[2:],
            "environment": engine_start.environment(address),
            "log": str(engine_start.log_of(address)),
            "startup": engine_start.startup().decode(),
        }
        self._process.stdin.write(json.dumps(wanted) + "\n")
        self._process.stdin.flush()
        return Nursed(int(self._process.stdout.readline()), self._exits)

    def close(self) -> None:
        if self._process is not None:
            self._process.communicate()


class Nursed:
    """What tests use of `subprocess.Popen`, for an engine that the nursery forked."""

    def __init__(self, pid: int, exits: Path) -> None:
        self.pid = pid
        self._exit = exits / str(pid)

    def poll(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        return int(self._exit.read_text()) if self._exit.exists() else None

    def wait(self, timeout: float | None = None) -> int:
        began = time.monotonic()
        while (code := self.poll()) is None:
            if timeout is not None and time.monotonic() - began > timeout:
                raise subprocess.TimeoutExpired("engine", timeout)
            time.sleep(0.01)
        return code

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)


_start = engine_start.start


def main(exits: Path) -> None:
    """Fork an engine for each line of standard input; returns in the nursery at its end, and in each engine."""
    import psutil  # noqa: F401
    import pydantic  # noqa: F401
    import safetensors  # noqa: F401
    import sklearn.datasets  # noqa: F401
    import sqlalchemy  # noqa: F401
    import torch._dynamo
    import torch.utils.flop_counter  # noqa: F401
    from PIL import Image  # noqa: F401

    def reap(_: int, __: FrameType | None) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            written = exits / f"{pid}.new"
            written.write_text(str(os.waitstatus_to_exitcode(status)))
            written.rename(exits / str(pid))

    signal.signal(signal.SIGCHLD, reap)
    while line := sys.stdin.readline():
        if not (pid := os.fork()):
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            become_engine(json.loads(line))
            return
        print(pid, flush=True)


def become_engine(wanted: dict[str, Any]) -> None:
    """Run the engine in this process, which was just forked."""
    os.setsid()
    os.environ.clear()
    os.environ.update(wanted["environment"])
    tempfile.tempdir = None
    log = os.open(wanted["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    begin, channel = os.pipe()
    os.write(channel, wanted["startup"].encode())
    os.close(channel)
    for source, target in ((begin, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    sys.stdin = os.fdopen(0)
    sys.argv = ["pipeline.engine", *wanted["arguments"]]
    runpy.run_module("pipeline.engine", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
