"""Child processes of measurements: a helper that answers lines with lines, and a command that prints one JSON object.

None outlives its measurement: they run in sessions of their own, so that Ctrl-C reaches the benchmark alone, which then
ends them with all their children.
"""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from pipeline.bench.server import ROOT
from pipeline.errors.base import Fault

LONGEST = 600.0
"""Seconds that a command may take."""


class CommandFailed(Fault):
    """A command that a measurement runs failed. what: what it did, as the end of a sentence; said: what it wrote
    last."""

    def __init__(self, arguments: Sequence[str], what: str, said: str) -> None:
        super().__init__(f"`python {' '.join(arguments)}` {what}: {said.strip()[-600:] or 'it said nothing'}")


def answer_of(arguments: Sequence[str], home: Path, environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The JSON object on the last line that `python ARGUMENTS` prints, with this home. Raises CommandFailed."""
    with started(arguments, home, environment, stderr=subprocess.PIPE) as process:
        try:
            out, err = process.communicate(timeout=LONGEST)
        except subprocess.TimeoutExpired:
            raise CommandFailed(arguments, f"gave no answer in {LONGEST:g} s", "") from None
        ended = f"ended with exit code {process.returncode}"
        lines = out.strip().splitlines()
        try:
            answer: dict[str, Any] = json.loads(lines[-1])
        except (IndexError, ValueError):
            raise CommandFailed(arguments, ended, err or out) from None
        if process.returncode:
            raise CommandFailed(arguments, ended, str(answer.get("error", err)))
        return answer


@contextlib.contextmanager
def started(
    arguments: Sequence[str],
    home: Path,
    environment: Mapping[str, str] | None = None,
    stderr: int | None = None,
) -> Iterator["subprocess.Popen[str]"]:
    """`python ARGUMENTS` in the project's folder, with pipes to its input and output; killed at the end, with its
    children. stderr: as Popen takes it."""
    kept = {name: value for name, value in os.environ.items() if name != "GENSCOPE_DATABASE_URL"}
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**kept, "GENSCOPE_HOME": str(home), **(environment or {})},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        kill_family(process.pid)
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def kill_family(pid: int) -> None:
    """Kill a process and all its descendants, if they are still there."""
    with contextlib.suppress(psutil.Error):
        parent = psutil.Process(pid)
        for each in [*parent.children(recursive=True), parent]:
            with contextlib.suppress(psutil.Error):
                each.kill()
