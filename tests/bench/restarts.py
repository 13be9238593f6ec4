"""Runs of two processes under `torchrun --max-restarts`, one of which is killed with SIGKILL at a random moment.

Everything is as users have it: torchrun starts `python -m pipeline train`, and starts it again after the kill.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

import pipeline
from pipeline.graph import document, edit
from pipeline.graph.adding import place_node
from pipeline.nodes.catalogue import NODES
from pipeline.runs import agreement, metrics
from pipeline.runs.store import Store
from pipeline.studio import workflows
from tests.bench.kills import SETTINGS
from tests.bench.lost_points import lost_points

ROOT = Path(pipeline.__file__).parent.parent
PATIENCE_SECONDS = 600.0
STARTING = -1
"""A moment before the first step: while the processes import torch, meet, or build the run."""


@dataclass(frozen=True)
class Restarted:
    """What became of a run of which one process was killed. process: its rank. step: the last recorded step then.

    came_back: whether torchrun ended well, with the run at its goal. resumed: the step of the checkpoint from which it
    went on, None if it had begun none. lost, differs: as for `tests.bench.kills.Killed`. seconds: from the kill to
    the first new step. said: the last line on the terminal.
    """

    process: int
    step: int
    came_back: bool
    resumed: int | None
    last: int
    lost: int
    differs: int | None
    seconds: float
    said: str


class Restarts:
    """Trains and kills in one home. steps: the goal of each run. seed: of the moments."""

    def __init__(self, home: Path, steps: int, seed: int) -> None:
        self._home, self._steps, self._random = home, steps, random.Random(seed)
        workflow, _ = place_node(workflows.open_template("mlp-gan"), "Checkpoints", "training", NODES)
        self._file = home.parent / f"{home.name}.json"
        changed = edit.apply_settings(
            workflow, [*SETTINGS, f"training.total_steps={steps}", "training.device=cpu"], NODES
        )
        self._file.write_text(document.write(changed))
        self._store = Store(home, f"sqlite:///{home}/genscope.sqlite")

    def __enter__(self) -> "Restarts":
        """Train the run that is not killed."""
        torchrun = self._start()
        assert torchrun.wait(PATIENCE_SECONDS) == 0, self._said(torchrun)
        self._whole = self._newest()
        assert self._whole
        return self

    def __exit__(self, *_: object) -> None:
        self._store.close()

    def kill(self, process: int, share: float | None = None) -> Restarted:
        """Train a run, kill a process, and compare the run at its end. share: of the run, in [0, 1); None while it
        starts."""
        torchrun = self._start()
        if share is None:
            self._until(lambda: self._pid(torchrun, process) is not None)
            time.sleep(self._random.uniform(0, 10))
        else:
            self._until(lambda: self._newest() not in ("", self._whole) and self._step() >= share * self._steps)
        killed = self._pid(torchrun, process)
        if killed is None:
            self._end(torchrun)
            raise AssertionError(f"There is no process to kill: {self._said(torchrun)}")
        step = self._step()
        os.kill(killed, signal.SIGKILL)
        began = time.monotonic()
        self._until(lambda: torchrun.poll() is not None or self._went_on(step))
        seconds = time.monotonic() - began
        with suppress(subprocess.TimeoutExpired):
            torchrun.wait(PATIENCE_SECONDS)
        run = self._newest()
        last = self._step()
        found = agreement.compare(self._store, self._whole, run, 1, self._steps) if last else None
        differs = found.difference.step if found and found.difference else None
        resumed = [event.step for event in self._store.events(run) if event.kind == "resumed"]
        result = Restarted(
            process=process,
            step=step,
            came_back=torchrun.poll() == 0 and last == self._steps,
            resumed=resumed[-1] if resumed else None,
            last=last,
            lost=lost_points(self._store, self._whole, run) if last else self._steps,
            differs=differs,
            seconds=seconds,
            said=self._said(torchrun),
        )
        self._end(torchrun)
        return result

    def pick(self, share: float = 0.9) -> float:
        """A random moment within this share of the run."""
        return self._random.uniform(0, share)

    def _start(self) -> "subprocess.Popen[str]":
        self._seen = {record.id for record in self._store.recent(1000)}
        self._output = self._home.parent / f"{self._home.name}-{len(self._seen)}.log"
        with self._output.open("w") as output:
            return subprocess.Popen(
                [
                    *(sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"),
                    *("--max-restarts=3", "-m", "pipeline", "train", str(self._file)),
                ],
                cwd=ROOT,
                env=os.environ | {"GENSCOPE_HOME": str(self._home), "OMP_NUM_THREADS": "1"},
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
            )

    def _pid(self, torchrun: "subprocess.Popen[str]", process: int) -> int | None:
        """The id of the process of this rank, if it lives."""
        with suppress(psutil.NoSuchProcess):
            for child in psutil.Process(torchrun.pid).children():
                with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                    if child.environ().get("RANK") == str(process):
                        return child.pid
        return None

    def _newest(self) -> str:
        """The run that the newest torchrun trains; "" before it is recorded."""
        return next((record.id for record in self._store.recent(1000) if record.id not in self._seen), "")

    def _step(self) -> int:
        """The last step whose metrics are recorded."""
        run = self._newest()
        steps = metrics.history(self._store, run, bands=1).steps.tolist() if run else []
        return int(steps[-1]) if steps else 0

    def _went_on(self, step: int) -> bool:
        run = self._newest()
        resumed = run and any(event.kind == "resumed" for event in self._store.events(run))
        return bool(run and (resumed or step == 0) and self._step() > step)

    def _said(self, torchrun: "subprocess.Popen[str]") -> str:
        lines = self._output.read_text().splitlines()
        return f"exit code {torchrun.poll()}: {lines[-1] if lines else ''}"

    def _end(self, torchrun: "subprocess.Popen[str]") -> None:
        with suppress(psutil.NoSuchProcess):
            for process in (*psutil.Process(torchrun.pid).children(recursive=True), psutil.Process(torchrun.pid)):
                with suppress(psutil.NoSuchProcess):
                    process.kill()
        torchrun.wait(PATIENCE_SECONDS)

    def _until(self, condition: "Callable[[], bool]") -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while not condition() and time.monotonic() < end:
            time.sleep(0.02)
