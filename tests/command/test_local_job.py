"""Jobs on this machine with two tasks, by submitit's LocalExecutor: preempted, queued again, cancelled."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

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


def losses(home: Path, job: Job) -> dict[str, Any]:
    """What the job's run recorded at every step, but the clock's."""
    with Store(home) as store:
        run = job.note("run")["id"]
        return {name: curve.last for name, curve in metrics.history(store, run, EVERY_STEP).series.items()}


@pytest.mark.slow
def test_two_tasks_that_are_preempted_go_on_and_end_with_the_losses_of_an_uninterrupted_job(
    small: Path, tmp_path: Path, wait_for: WaitFor
) -> None:
    home = tmp_path / "home"
    whole, interrupted = (submit(small, home, "--steps", str(STEPS)) for _ in range(2))
    wait_for(lambda: trains(interrupted))
    # What submitit's controller does at a job's time limit, and Slurm at a preemption.
    for task in tasks(interrupted):
        task.send_signal(signal.SIGUSR2)
    for job in (whole, interrupted):
        wait_for(lambda job=job: job.note("ended"), 200)
        assert job.note("ended")["outcome"] == "done", job.note("ended")
    with Store(home) as store:
        record = store.run(interrupted.note("run")["id"])
        assert (record.step, record.state, record.processes, record.job) == (STEPS, "finished", 2, interrupted.id)
        resumed = [event.step for event in store.events(record.id) if event.kind == "resumed"]
        assert len(resumed) == 1 and resumed[0] < STEPS
    expected, found = losses(home, whole), losses(home, interrupted)
    for name, values in expected.items():
        assert len(values) == STEPS and np.isfinite(values).all()
        np.testing.assert_array_equal(found[name], values, err_msg=name)
