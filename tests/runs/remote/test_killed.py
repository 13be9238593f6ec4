"""Workers and homes that are killed at any moment: in the end, the home has what the worker has, once."""

import multiprocessing
import os
import random
import signal
import time
from multiprocessing.context import ForkServerContext
from pathlib import Path

import numpy as np
import pytest

from pipeline.runs import metrics, point_series
from pipeline.runs.remote.job_folder import JobFolder, worker_url
from pipeline.runs.remote.taking_in import take_in
from pipeline.runs.store import Store
from tests.runs.remote.conftest import JOB, rows

MODULES = ["pipeline.runs.remote.taking_in", "tests.runs.remote.test_killed"]
STEPS = 10
"""Of each slice that the worker records."""


def train(home: str, run: str, began: "multiprocessing.Queue[int]", last: int) -> None:
    """Record as a worker does: go on from what is recorded, to step `last`."""
    with Store(Path(home), worker_url(Path(home), JOB, remotely=True)) as worker:
        step = worker.run(run).step
        began.put(step)
        while step < last:
            values = np.arange(step + 1, step + 1 + STEPS, dtype=np.float32)[:, None] * [1, -1]
            metrics.append(worker, run, step + 1, ["loss", "seconds"], values)
            step += STEPS
            if step % 50 == 0:
                point_series.record(worker, run, step, {"distance": step / 7})
            worker.update(run, state="running", step=step)
            worker.add_event(run, step, "saved", "", "")
        worker.update(run, state="finished")


def take(home: str, database: str, began: "multiprocessing.Queue[int]") -> None:
    """Take in as a server does, until it is killed."""
    with Store(Path(home), database) as store:
        began.put(0)
        while True:
            take_in(store)


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    """Starts processes in a moment, with everything imported."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(MODULES)
    return context


def killed_often(
    processes: ForkServerContext, store: Store, database: str, run: str, kills: int, seed: int, longest: float
) -> None:
    """Kill the worker and the home's process in turn, each after at most `longest` seconds of work."""
    choice, began = random.Random(seed), processes.Queue()
    home = str(store.home)
    for number in range(kills):
        target, given = (train, (home, run, began, 10**9)) if number % 2 else (take, (home, database, began))
        process = processes.Process(target=target, args=given)
        process.start()
        began.get(timeout=90)
        time.sleep(choice.uniform(0, longest))
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join(90)
        assert process.exitcode == -signal.SIGKILL
    with Store(store.home, worker_url(store.home, JOB, remotely=True)) as worker:
        last = worker.run(run).step + 3 * STEPS
        process = processes.Process(target=train, args=(home, run, began, last))
        process.start()
        process.join(90)
        assert process.exitcode == 0
        assert take_in(store).sentences == []
        assert str(rows(store)) == str(rows(worker))
    steps = np.concatenate([each for each, _ in metrics.rows(store, run)])
    assert steps.tolist() == list(range(1, last + 1))
    assert (store.run(run).state, store.run(run).step) == ("finished", last)


def test_kills_of_either_side_lose_and_double_nothing(
    processes: ForkServerContext, store: Store, database: str, run: str, job: JobFolder
) -> None:
    killed_often(processes, store, database, run, kills=12, seed=0, longest=0.1)
    assert list(job.outbox.iterdir()) == []


@pytest.mark.long
@pytest.mark.parametrize("seed", range(5))
def test_many_kills_of_either_side_lose_and_double_nothing(
    seed: int, processes: ForkServerContext, store: Store, database: str, run: str, job: JobFolder
) -> None:
    killed_often(processes, store, database, run, kills=100, seed=seed, longest=0.3)
