"""A server without pages, to be killed: a process that holds the trainer's handle as a server does.

    GENSCOPE_HOME=… python -m tests.bench.killed_server

reads a request a line, as JSON, and answers it with a line; `Server` starts it and sends the requests. Its engines are
processes of their own that outlive it; they start by a fork of one that has imported torch, to save time.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.errors.base import GenscopeError
from pipeline.graph import document
from pipeline.graph.workflow import Workflow
from pipeline.runs.home import home
from pipeline.runtime import start
from pipeline.runtime.handle import TrainerHandle
from pipeline.studio.run import training
from tests.nursery import Nursery

ROOT = Path(__file__).parents[2]


class Server:
    """The process, used during a `with` block."""

    def __init__(self, home: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.killed_server"],
            cwd=ROOT,
            env={**os.environ, "GENSCOPE_HOME": str(home)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self, workflow: Workflow) -> str:
        """Start a run, as a click on *Start run* does, and return its id."""
        return str(self.answer({"do": "start", "workflow": document.write(workflow)})["run"])

    def resume(self, run: str) -> None:
        """Resume a run, as a click on *Resume* does."""
        self.answer({"do": "resume", "run": run})

    def answer(self, request: Mapping[str, str]) -> Mapping[str, Any]:
        """Send a request, and wait for its answer. Raises RuntimeError if it was refused or the engine has ended."""
        self.send(request)
        assert self._process.stdout is not None
        answer: Mapping[str, Any] = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer

    def send(self, request: Mapping[str, str]) -> None:
        """Send a request without waiting for its answer, which `answer` must not read later."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()

    def kill(self) -> None:
        """End the process without giving it a chance to do anything."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()


def _obey(trainer: TrainerHandle, request: Mapping[str, str]) -> Mapping[str, str]:
    try:
        if request["do"] == "start":
            workflow = document.read(request["workflow"], "The workflow")
            return {"run": training.start(trainer, workflow, "Ada", switch=True)}
        training.resume(trainer, request["run"], "Ada", switch=True)
    except GenscopeError as error:
        return {"error": str(error)}
    return {"run": request["run"]}


def main() -> None:
    start.start = Nursery().start  # type: ignore[assignment]  # has what a process has, as far as it is used
    trainer = TrainerHandle(home())
    for line in sys.stdin:
        print(json.dumps(_obey(trainer, json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
