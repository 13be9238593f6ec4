"""Workers and homes that are killed at any moment: in the end, the home has what the worker has, once."""

import multiprocessing
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path

import numpy as np
import pytest

from pipeline.runs import metrics, point_series
from pipeline.runs.remote.job_folder import JobFolder, worker_url
from pipeline.runs.remote.numbered_file import number_of
from pipeline.runs.remote.taking_in import take_in
from pipeline.runs.store import Store
from tests.runs.databases import sqlite_only
from tests.runs.remote.conftest import JOB, rows

MODULES = ["pipeline.runs.remote.taking_in", "tests.runs.remote.test_killed"]
STEPS = 10
"""Of each slice that the worker records."""


def train(began: "Connection[str, str]", home: str, run: str, last: int) -> None:
    """Record as a worker does: go on from what is recorded, to step `last`."""
    with Store(Path(home), worker_url(Path(home), JOB, remotely=True)) as worker:
        step = worker.run(run).step
        began.send("")
        while step < last:
            values = np.arange(step + 1, step + 1 + STEPS, dtype=np.float32)[:, None] * [1, -1]
            metrics.append(worker, run, step + 1, ["loss", "seconds"], values)
            step += STEPS
            if step % 50 == 0:
                point_series.record(worker, run, step, {"distance": step / 7})
            worker.update(run, state="running", step=step)
            worker.add_event(run, step, "saved", "", "")
        worker.update(run, state="finished")


def take(began: "Connection[str, str]", home: str, database: str) -> None:
    """Take in as a server does, until it is killed."""
    with Store(Path(home), database) as store:
        began.send("")
        while True:
            take_in(store)


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    """Starts processes in a moment, with everything imported."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(MODULES)
    return context


@contextmanager
def working(processes: ForkServerContext, target: Callable[..., None], *given: object) -> Iterator[BaseProcess]:
    """A process that has begun to work, and is killed at the end if it has not ended. A queue would not do: a process
    that is killed may hold its lock."""
    here, there = processes.Pipe(duplex=False)
    process = processes.Process(target=target, args=(there, *given), daemon=True)
    process.start()
    try:
        assert here.poll(90)
        yield process
    finally:
        process.kill()
        process.join()
        here.close(), there.close()


def killed_often(
    processes: ForkServerContext, store: Store, database: str, run: str, kills: int, seed: int, longest: float
) -> None:
    """Kill the worker and the home's process, in either order, each after at most `longest` seconds more of work for
    both."""
    choice, home = random.Random(seed), str(store.home)
    for _ in range(kills // 2):
        with (
            working(processes, train, home, run, 10**9) as trains,
            working(processes, take, home, database) as takes,
        ):
            for process in choice.sample([trains, takes], 2):
                time.sleep(choice.uniform(0, longest))
                process.kill()
                process.join(90)
                assert process.exitcode == -signal.SIGKILL
    with Store(store.home, worker_url(store.home, JOB, remotely=True)) as worker:
        last = worker.run(run).step + 3 * STEPS
        with working(processes, train, home, run, last) as process:
            process.join(90)
            assert process.exitcode == 0
        assert take_in(store).sentences == []
        assert str(rows(store)) == str(rows(worker))
    steps = np.concatenate([each for each, _ in metrics.rows(store, run)])
    assert steps.tolist() == list(range(1, last + 1))
    assert (store.run(run).state, store.run(run).step) == ("finished", last)


@sqlite_only
def test_kills_of_either_side_lose_and_double_nothing(
    processes: ForkServerContext, store: Store, database: str, run: str, job: JobFolder
) -> None:
    killed_often(processes, store, database, run, kills=8, seed=0, longest=0.1)
    # A file that was only half written when its writer was killed has no number.
    assert [path for path in job.outbox.iterdir() if number_of(path.name)] == []


@pytest.mark.long
@pytest.mark.parametrize("seed", range(5))
def test_many_kills_of_either_side_lose_and_double_nothing(
    seed: int, processes: ForkServerContext, store: Store, database: str, run: str, job: JobFolder
) -> None:
    killed_often(processes, store, database, run, kills=100, seed=seed, longest=0.3)
