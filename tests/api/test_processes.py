"""Training scripts in separate processes: paused from the dashboard, interrupted, terminated."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline.runs import pause_requests
from pipeline.runs.interrupted import mark_interrupted
from pipeline.runs.store import Store
from pipeline.studio.run import history, training

ROOT = Path(__file__).parents[2]
SCRIPT = """
import torch
from sklearn.datasets import load_digits
from torch import nn
from pipeline.api.training import Training

torch.set_num_threads(1)
images = torch.tensor(load_digits().images[:, None] / 16)
modules = {"generator": nn.Linear(8, 64), "discriminator": nn.Sequential(nn.Flatten(), nn.Linear(64, 1))}
training = Training(images, template="mlp-gan", settings=["noise.dim=8", "training.device=cpu"], **modules)
print(training.run, flush=True)
"""
TRAIN = "training.train(steps=10**8)\nprint(training.step, flush=True)\n"

WaitFor = Callable[..., None]
Script = Callable[[str], "subprocess.Popen[str]"]


@pytest.fixture
def script(home: Path) -> Iterator[Script]:
    """`script(text)`: start a process that creates a Training, then runs `text`."""
    begun: list[subprocess.Popen[str]] = []

    def begin(text: str) -> "subprocess.Popen[str]":
        environment = os.environ | {"GENSCOPE_HOME": str(home), "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", SCRIPT + text]
        process = subprocess.Popen(
            command, cwd=home, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        begun.append(process)
        return process

    yield begin
    for process in begun:
        process.kill()
        process.communicate()


def line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_a_script_is_paused_from_the_dashboard_interrupted_and_ends_with_its_run_saved(
    script: Script, home: Path, wait_for: WaitFor
) -> None:
    process = script(TRAIN + TRAIN)
    run = line(process)
    with Store(home) as store:
        wait_for(lambda: history.stored_snapshot(store, run).state == "running")
        seen = history.stored_snapshot(store, run)
        assert f"process {process.pid} on" in seen.held_by and seen.step > 0
        wait_for(lambda: history.stored_snapshot(store, run).step > seen.step)
        training.pause(SimpleNamespace(address=SimpleNamespace(home=home)), seen, "Bob")
        paused = int(line(process))
        assert store.events(run)[-1].text == f"Paused at step {paused:,}" and store.events(run)[-1].who == "Bob"
        assert pause_requests.pending_request(store.files(run)) is None

        wait_for(lambda: store.run(run).step > paused)
        process.send_signal(signal.SIGINT)
        interrupted = int(line(process))
        assert interrupted > paused
        _, told = process.communicate(timeout=120)
        assert process.returncode == 0
        assert f"Paused by Bob on the dashboard, at step {paused:,}." in told
        assert f"Interrupted: run {run} is paused at step {interrupted:,} and saved." in told
        ended = history.stored_snapshot(store, run)
        assert (ended.state, ended.held_by, ended.step, ended.saved) == ("paused", "", interrupted, interrupted)
        assert mark_interrupted(store) == []


def test_a_terminated_script_saves_its_run_and_exits(script: Script, home: Path, wait_for: WaitFor) -> None:
    process = script(TRAIN)
    run = line(process)
    with Store(home) as store:
        wait_for(lambda: store.run(run).state == "running")
        process.terminate()
        out, _ = process.communicate(timeout=120)
        assert (process.returncode, out) == (143, "")
        ended = history.stored_snapshot(store, run)
        assert (ended.state, ended.held_by) == ("paused", "") and ended.saved == ended.step > 0
        assert mark_interrupted(store) == []
