"""Stopping `train`: by Ctrl-C, by SIGTERM, and from the dashboard."""

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

from pipeline.engine.stop_signals import SIGNALS, Stop
from pipeline.runs import pause_requests
from pipeline.runs.store import Store

ROOT = Path(__file__).parents[2]

Run = Callable[..., tuple[int, dict[str, Any], str]]


@pytest.fixture
def heard() -> Iterator[None]:
    """Restore the default action for SIGHUP, which is ignored if the tests run under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


def test_ctrl_c_finishes_the_step_and_saves(run: Run, small: Path, home: Path) -> None:
    someone = threading.Timer(1.0, os.kill, [os.getpid(), signal.SIGINT])
    someone.start()
    code, facts, err = run("train", small, "--steps", 1_000_000)
    # If training has ended by itself, pytest must not get the signal.
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


def test_a_run_paused_from_the_dashboard_ends_with_exit_code_0_and_says_who_paused_it(
    run: Run, small: Path, home: Path, wait_for: Callable[..., None]
) -> None:
    home.mkdir()
    with Store(home) as store:

        def ask() -> None:
            wait_for(lambda: store.recorded_as("running"))
            pause_requests.request_pause(store.files(store.recent(1)[0].id), "Ada")

        someone = threading.Thread(target=ask)
        someone.start()
        code, facts, err = run("train", small, "--steps", 100_000)
        someone.join()
    assert (code, facts["state"]) == (0, "paused")
    assert "Ada" in facts["stopped"] and f"step {facts['step']:,}" in facts["stopped"]
    assert facts["stopped"] in err
    with Store(home) as store:
        last = store.events(facts["run"])[-1]
        assert (last.kind, last.who, last.step) == ("paused", "Ada", facts["step"])
        assert store.files(facts["run"]).checkpoints()[-1][0] == facts["step"]


def test_an_unanswered_pause_request_is_dropped_when_the_run_is_resumed(run: Run, small: Path, home: Path) -> None:
    _, begun, _ = run("train", small, "--steps", 2)
    with Store(home) as store:
        files = store.files(begun["run"])
    pause_requests.request_pause(files, "Ada")
    code, facts, _ = run("train", "--resume", begun["run"], "--steps", 3)
    assert (code, facts["step"], pause_requests.pending_request(files)) == (0, 5, None)


def test_outside_the_main_thread_signals_are_not_handled() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    found = []

    def enter() -> None:
        with Stop() as stop:
            found.append((stop.asked(), [signal.getsignal(number) for number in SIGNALS]))

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert found == [(False, before)]


def test_a_second_signal_ends_the_process_at_once(heard: None) -> None:
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
