"""Runs whose engine or server is killed with SIGKILL; resumed as a user does it, and compared with one that was not.

`KINDS` are the moments at which something is killed. `Kills` trains one run for each of them, from its start to its
planned end. Everything is as users have it: a handle in a server's process, an engine of its own, a home on a disk.
"""

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from pipeline.bench.server import end_engines
from pipeline.graph import edit
from pipeline.graph.adding import place_node
from pipeline.graph.workflow import Workflow
from pipeline.nodes.catalogue import NODES
from pipeline.runs import agreement, metrics
from pipeline.runs.files import RunFiles
from pipeline.runs.store import Store
from pipeline.runtime.address import Address, read_note
from pipeline.studio import workflows
from tests.bench.killed_server import Server
from tests.bench.lost_points import lost_points

SETTINGS = (
    "data.dataset=digits", "generator.image_size=8", "generator.hidden=16", "discriminator.hidden=16",
    "training.batch_size=8", "training.threads=1", "samples.count=4", "samples.every=50",
    "checkpoints.seconds=1", "checkpoints.every=100",
)  # fmt: skip
PATIENCE_SECONDS = 300.0
WRITING = ".writing"
"""The folder in which a checkpoint is being written (`pipeline/training/checkpoint.py`)."""


@dataclass(frozen=True)
class Killed:
    """What became of one killed run.

    step: the last recorded step when it was killed. resumed: the step of the checkpoint from which it went on, None if
    its engine lived on. last: its last step. lost: how many points and sample grids it lacks or has twice. differs: the
    first step at which a recorded value differs, None if none does. detail: what the kill hit.
    """

    kind: str
    step: int
    resumed: int | None
    last: int
    lost: int
    differs: int | None
    detail: str


class Kills:
    """Trains, kills and compares in one home. steps: the planned end of each run. seed: of the moments."""

    def __init__(self, home: Path, steps: int, seed: int) -> None:
        self._home, self._steps, self._random = home, steps, random.Random(seed)
        workflow, _ = place_node(workflows.open_template("mlp-gan"), "Checkpoints", "training", NODES)
        self._workflow: Workflow = edit.apply_settings(workflow, [*SETTINGS, f"training.total_steps={steps}"], NODES)
        self._store = Store(home, f"sqlite:///{home}/genscope.sqlite")
        self._server = Server(home)

    def __enter__(self) -> "Kills":
        """Train the run that is not killed."""
        self._whole = self._server.start(self._workflow)
        self._wait_for_end(self._whole)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.kill()
        end_engines(self._home)
        self._store.close()

    def kill(self, kind: str) -> Killed:
        """Start a run, kill something at a random moment, resume the run, and compare it at its end."""
        run = self._server.start(self._workflow)
        detail = KINDS[kind](self, run)
        step = self._recorded(run)
        self._wait_for_end(run)
        found = agreement.compare(self._store, self._whole, run, 1, self._steps)
        differs = found.difference.step if found.difference else None
        return Killed(
            kind,
            step,
            self._resumed_from(run),
            self._recorded(run),
            lost_points(self._store, self._whole, run),
            differs,
            detail,
        )

    # What is killed, and when. Each returns what the kill hit.

    def _engine(self, run: str) -> str:
        self._wait_for_a_moment(run)
        return self._kill_engine()

    def _server_alone(self, run: str) -> str:
        self._wait_for_a_moment(run)
        self._server.kill()
        self._server = Server(self._home)
        return "the engine trained on"

    def _server_for_long(self, run: str) -> str:
        """The engine saves and ends by itself, because no server has come back."""
        self._wait_for_a_moment(run, 0.5)
        self._server.kill()
        self._until(lambda: not self._alive())
        self._server = Server(self._home)
        return "the engine saved and ended"

    def _both(self, run: str) -> str:
        self._wait_for_a_moment(run)
        self._server.kill()
        detail = self._kill_engine()
        self._server = Server(self._home)
        return detail

    def _in_a_checkpoint(self, run: str) -> str:
        folder = self._files(run).folder / "checkpoints"
        self._wait_for_a_moment(run, 0.5)
        # Without a pause between two looks: a checkpoint of this size is written within milliseconds.
        while not (folder / WRITING).exists():
            if self._store.run(run).state == "finished":
                return "no checkpoint came"
        time.sleep(self._random.choice((0, 0, 0.001, 0.002, 0.004)))
        self._kill_engine()
        written = sorted(path.name for path in (folder / WRITING).glob("*"))
        return f"{len(written)} of 4 files" if (folder / WRITING).exists() else "just saved"

    def _in_a_resume(self, run: str) -> str:
        self._wait_for_a_moment(run)
        self._kill_engine()
        # Until the server has noticed it, Resume is answered with the end of the engine.
        time.sleep(1)
        self._server.send({"do": "resume", "run": run})
        self._until(self._alive)
        self._sleep(1.0)
        detail = self._kill_engine()
        # The answer to the first request is that the engine has ended.
        self._server.kill()
        self._server = Server(self._home)
        return detail

    def _at_the_end(self, run: str) -> str:
        self._wait_for_step(run, self._steps * 9 // 10)
        self._sleep(0.5)
        return self._kill_engine()

    def _wait_for_a_moment(self, run: str, share: float = 0.9) -> None:
        """A random moment within this share of the run."""
        self._wait_for_step(run, self._random.randint(0, int(share * self._steps)))
        self._sleep(0.1)

    def _wait_for_step(self, run: str, step: int) -> None:
        self._until(lambda: self._store.run(run).step >= step or not self._alive())

    def _sleep(self, most: float) -> None:
        time.sleep(self._random.uniform(0, most))

    def _kill_engine(self) -> str:
        note = read_note(Address(self._home, "train").note)
        if note is None:
            return "it had ended"
        with suppress(ProcessLookupError):
            os.kill(note.pid, signal.SIGKILL)
        with suppress(psutil.NoSuchProcess):
            psutil.Process(note.pid).wait(PATIENCE_SECONDS)
        return ""

    def _alive(self) -> bool:
        """Whether there is an engine."""
        # Not by a link to it: with one, it would go on without a server.
        note = read_note(Address(self._home, "train").note)
        with suppress(psutil.NoSuchProcess):
            return note is not None and psutil.Process(note.pid).status() != psutil.STATUS_ZOMBIE
        return False

    # What is left.

    def _files(self, run: str) -> RunFiles:
        return self._store.files(run)

    def _resume(self, run: str) -> None:
        try:
            self._server.resume(run)
        except RuntimeError:
            # The server had not noticed yet that its engine has ended: users press again.
            time.sleep(1)
            self._server.resume(run)

    def _wait_for_end(self, run: str) -> None:
        self._until(lambda: self._ended(run))

    def _ended(self, run: str) -> bool:
        """Whether the run is finished. If its engine has ended before, a user resumes it."""
        finished = self._store.run(run).state == "finished"
        if not finished and not self._alive():
            self._resume(run)
        return finished

    def _until(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert time.monotonic() < end, f"not within {PATIENCE_SECONDS:.0f} seconds"
            time.sleep(0.02)

    def _recorded(self, run: str) -> int:
        """The last step whose metrics are recorded."""
        steps = metrics.history(self._store, run, bands=1).steps
        return int(steps[-1]) if len(steps) else 0

    def _resumed_from(self, run: str) -> int | None:
        resumed = [event.step for event in self._store.events(run) if event.kind == "resumed"]
        return resumed[-1] if resumed else None


KINDS: dict[str, Callable[[Kills, str], str]] = {
    "engine": Kills._engine,
    "engine, in a checkpoint": Kills._in_a_checkpoint,
    "both": Kills._both,
    "server": Kills._server_alone,
    "engine, also in the resume": Kills._in_a_resume,
    "engine, at the end": Kills._at_the_end,
    "server, for long": Kills._server_for_long,
}
