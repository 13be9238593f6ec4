"""Tasks of a job on this machine, without submitit."""

import os
import signal
import threading

import pytest

from pipeline.launch.local_jobs import stopped_with_its_controller


@pytest.mark.parametrize(("parent", "stops"), [(1, True), (7, False)])
def test_a_task_is_told_to_stop_when_the_process_that_started_its_job_is_gone(
    parent: int, stops: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, found, looked = list[tuple[int, int]](), iter([7, 7]), threading.Event()

    def getppid() -> int:
        now = next(found, None)
        if now is None:
            looked.set()
        return parent if now is None else now

    monkeypatch.setattr("os.getppid", getppid)
    with stopped_with_its_controller(0.01, lambda process, number: told.append((process, number))):
        assert looked.wait(10)
        threading.Event().wait(0.05)
    assert told == ([(os.getpid(), signal.SIGTERM)] if stops else [])
