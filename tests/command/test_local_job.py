"""Jobs on this machine with two tasks, by submitit's LocalExecutor: preempted and queued again."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest

from pipeline.launch.jobs import Job, open_job
from pipeline.runs import metrics
from pipeline.runs.store import Store

ROOT = Path(__file__).parents[2]
STEPS = 100
EVERY_STEP = ("D_loss", "G_loss", "D_real", "D_fake", "D_grad_norm", "G_grad_norm")

WaitFor = Callable[..., None]


def submit(small: Path, home: Path, *options: str) -> Job:
    """Submit a job of two tasks on this machine."""
    command = [sys.executable, "-m", "pipeline", "submit", str(small), "--cluster", "local", "--tasks", "2", "--json"]
    environment = os.environ | {"GENSCOPE_HOME": str(home)}
    done = subprocess.run([*command, *options], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    return open_job(home, json.loads(done.stdout)["job"])


def tasks(job: Job) -> list[psutil.Process]:
    try:
        return psutil.Process(int(job.note("queued")["id"])).children()
    except psutil.NoSuchProcess:
        return []


def trains(job: Job) -> bool:
    """Whether its leader has begun to train."""
    log = job.path / f"{job.note('queued')['id']}_0_log.err"
    return log.exists() and "\nTraining " in log.read_text()


@pytest.mark.slow
def test_two_tasks_that_are_preempted_go_on_and_lose_no_step(small: Path, tmp_path: Path, wait_for: WaitFor) -> None:
    home = tmp_path / "home"
    job = submit(small, home, "--steps", str(STEPS))
    wait_for(lambda: trains(job))
    # What submitit's controller does at a job's time limit, and Slurm at a preemption.
    for task in tasks(job):
        task.send_signal(signal.SIGUSR2)
    wait_for(lambda: job.note("ended"), 200)
    assert job.note("ended")["outcome"] == "done", job.note("ended")
    with Store(home) as store:
        record = store.run(job.note("run")["id"])
        assert (record.step, record.state, record.processes, record.job) == (STEPS, "finished", 2, job.id)
        resumed = [event.step for event in store.events(record.id) if event.kind == "resumed"]
        assert len(resumed) == 1 and resumed[0] < STEPS
        for curve in metrics.history(store, record.id, EVERY_STEP).series.values():
            assert len(curve.last) == STEPS and np.isfinite(curve.last).all()
