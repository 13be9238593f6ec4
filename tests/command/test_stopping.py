"""A run that is told to stop: by Ctrl-C, by SIGTERM."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.engine.stopping import SIGNALS, Stop
from pipeline.runs.store import Store

ROOT = Path(__file__).parents[2]

Run = Callable[..., tuple[int, dict[str, Any], str]]


@pytest.fixture
def heard() -> Iterator[None]:
    """A terminal that closes is heard of, also where the tests themselves run under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


def test_ctrl_c_finishes_the_step_and_saves(run: Run, small: Path, home: Path) -> None:
    someone = threading.Timer(1.0, os.kill, [os.getpid(), signal.SIGINT])
    someone.start()
    code, facts, err = run("train", small, "--steps", 1_000_000)
    # Where training ended by itself, pytest must not get the signal instead.
    someone.cancel()
    assert code == 130
    assert facts["state"] == "paused"
    assert f"--resume {facts['run']}" in err
    with Store(home) as store:
        assert store.files(facts["run"]).checkpoints()[-1][0] == facts["step"] == store.run(facts["run"]).step


def test_sigterm_ends_the_process_with_everything_saved(small: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pipeline", "train", str(small), "--steps", "1000000", "--json"]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, env=os.environ | {"GENSCOPE_HOME": str(tmp_path)}, **pipes) as process:
        assert process.stderr is not None
        process.stderr.readline()
        process.terminate()
        out, _ = process.communicate(timeout=120)
    facts = json.loads(out)
    assert process.returncode == 143
    with Store(tmp_path) as store:
        assert store.run(facts["run"]).state == "paused"
        assert store.files(facts["run"]).checkpoints()[-1][0] == facts["step"]


def test_a_second_signal_is_left_to_end_the_process_at_once(heard: None) -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    with Stop() as stop:
        assert not stop.asked()
        os.kill(os.getpid(), signal.SIGHUP)
        assert stop.asked()
        assert stop.exit_code == 129
        assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    assert [signal.getsignal(number) for number in SIGNALS] == before


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Stop() as stop:
            os.kill(os.getpid(), signal.SIGHUP)
            assert not stop.asked()
    finally:
        signal.signal(signal.SIGHUP, before)
