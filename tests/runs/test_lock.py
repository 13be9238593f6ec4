"""Only one process trains a run; the lock of a dead process blocks no other."""

import os
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors.runs import RunLocked
from pipeline.runs.files import RunFiles
from pipeline.runs.lock import RunLock, aim, holder

RUN = "20261122-140501-3fa9c2d1"

HOLD = f"""
import sys, pathlib
from pipeline.runs.files import RunFiles
from pipeline.runs.lock import RunLock
with RunLock(RunFiles(pathlib.Path(sys.argv[1]), "{RUN}")):
    print("held", flush=True)
    sys.stdin.read()
"""

TAKE = f"""
import sys, pathlib
from pipeline.errors.runs import RunLocked
from pipeline.runs.files import RunFiles
from pipeline.runs.lock import RunLock
sys.stdin.readline()
try:
    RunLock(RunFiles(pathlib.Path(sys.argv[1]), "{RUN}")).acquire()
    print("taken", flush=True)
    sys.stdin.read()
except RunLocked:
    print("refused", flush=True)
"""


def process(script: str, home: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", script, str(home)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def files(tmp_path: Path) -> RunFiles:
    return RunFiles(tmp_path, RUN)


def test_a_run_is_free_before_and_after_training(files: RunFiles):
    assert holder(files) is None
    with RunLock(files):
        found = holder(files)
        assert found is not None
        assert (found.pid, found.host, found.alive) == (os.getpid(), socket.gethostname(), True)
    assert holder(files) is None


def test_a_run_that_another_process_trains_is_refused_by_name_until_it_dies(tmp_path: Path, files: RunFiles):
    with process(HOLD, tmp_path) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(RunLocked) as refused:
            RunLock(files).acquire()
        assert f"Run {RUN} is being trained by process {other.pid} on {socket.gethostname()}." in str(refused.value)
        other.kill()
    stale = holder(files)
    assert stale is not None
    assert not stale.alive
    with RunLock(files):
        current = holder(files)
        assert current is not None
        assert current.pid == os.getpid()


def test_the_step_at_which_the_holder_pauses_is_known_until_it_lets_go(files: RunFiles):
    aim(files, 300)
    assert holder(files) is None
    with RunLock(files):
        aim(files, 300)
        found = holder(files)
        assert found is not None and (found.goal, found.pid) == (300, os.getpid())
        aim(files, None)
        assert holder(files) == replace(found, goal=None)
    assert holder(files) is None


def test_the_same_process_does_not_train_a_run_twice(files: RunFiles):
    with RunLock(files), pytest.raises(RunLocked):
        RunLock(files).acquire()


def test_a_lock_that_names_another_host_is_respected(files: RunFiles):
    files.make()
    files.lock.write_text('{"pid": 1, "host": "elsewhere.example"}')
    with pytest.raises(RunLocked, match=r"process 1 on elsewhere\.example"):
        RunLock(files).acquire()


def test_a_process_that_reuses_the_id_of_a_dead_one_does_not_hold_the_run(files: RunFiles):
    files.make()
    files.lock.write_text(f'{{"pid": {os.getpid()}, "host": "{socket.gethostname()}", "started": 1.0}}')
    with RunLock(files):
        pass


@pytest.mark.parametrize("content", ["", "nonsense", "[1, 2]", "null", '{"pid": "x", "host": 3}', "\x00" * 40])
def test_a_lock_that_names_no_process_blocks_nobody(files: RunFiles, content: str):
    files.make()
    files.lock.write_text(content)
    assert holder(files) is None
    with RunLock(files):
        pass


def test_of_processes_that_find_a_stale_lock_together_exactly_one_takes_it(tmp_path: Path, files: RunFiles):
    files.make()
    files.lock.write_text(f'{{"pid": 1, "host": "{socket.gethostname()}", "started": 1.0}}')
    racers = [process(TAKE, tmp_path) for _ in range(4)]
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    outcomes = sorted(racer.stdout.readline().strip() for racer in racers if racer.stdout)
    for racer in racers:
        racer.communicate(timeout=120)
    assert outcomes == ["refused", "refused", "refused", "taken"]
