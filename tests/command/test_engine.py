"""`engine`: an engine that a user starts in a terminal, and that the dashboard of the same home uses."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from pipeline.command.engine import Terminal
from pipeline.errors.training import CommandRefused
from pipeline.graph import edit
from pipeline.nodes.catalogue import NODES
from pipeline.runs.store import Store
from pipeline.runtime.handle import TrainerHandle
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio.run import training
from pipeline.studio.workflows import open_file
from tests.command.conftest import ROOT

TORCHRUN = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2")
WaitFor = Callable[..., None]


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator["subprocess.Popen[str]"]:
    """torchrun in a terminal, with an engine of two processes of this home."""
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("GENSCOPE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("GENSCOPE_DATABASE_URL", raising=False)
    process = subprocess.Popen(
        [sys.executable, *TORCHRUN, "-m", "pipeline", "engine"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    yield process
    for child in psutil.Process(process.pid).children() if process.poll() is None else ():
        child.kill()
    process.communicate()


@pytest.mark.slow
def test_the_dashboard_uses_it_and_it_ends_with_ctrl_c(
    terminal: "subprocess.Popen[str]", tmp_path: Path, small: Path, wait_for: WaitFor
) -> None:
    assert terminal.stdout is not None
    ready = next(line for line in terminal.stdout if "training engine" in line)
    assert "is ready, with 2 processes. Start runs from the dashboard" in ready
    processes = psutil.Process(terminal.pid).children()

    second = subprocess.run([sys.executable, "-m", "pipeline", "engine"], cwd=ROOT, capture_output=True, text=True)
    handle = TrainerHandle(tmp_path / "home")
    wait_for(lambda: handle.snapshot.engine == "ready")
    now = handle.snapshot
    assert (now.processes, now.by_hand) == (2, True) and now.pid in {each.pid for each in processes}
    assert second.returncode == 2 and f"already has a training engine, process {now.pid}" in second.stderr

    workflow = edit.apply_settings(open_file(small.read_bytes(), small.name), ["training.total_steps=100000"], NODES)
    with pytest.raises(CommandRefused, match="asks for 1 process, but the engine of this home"):
        training.start(handle, workflow, "Ada")
    two = edit.apply_settings(workflow, ["training.processes=2"], NODES)
    run = training.start(handle, two, "Ada")
    wait_for(lambda: handle.snapshot.step > 5)
    terminal.send_signal(signal.SIGINT)
    wait_for(lambda: handle.snapshot.engine == "gone")
    handle.close()
    psutil.wait_procs(processes, timeout=60)
    assert not any(each.is_running() for each in processes)
    said = terminal.stdout.read()
    assert f"Training 'small' (run {run}) on cpu from step 0, by Ada" in said
    with Store(tmp_path / "home") as store:
        record = store.run(run)
        assert record.state == "paused" and record.step in dict(store.files(run).checkpoints())


def test_the_terminal_shows_what_goes_on_by_itself_and_no_single_steps(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal("/home")
    now = Snapshot(engine="ready", run="r", name="digits", device="cpu", who="Ada", processes=2)
    for changes in (
        {"run": "", "name": ""},
        {"state": "building", "doing": "Preparing to start"},
        {"state": "running"},
        {"state": "running", "step": 3},
        {"state": "paused", "step": 4},
        {"state": "running", "until": 5, "step": 4},
        {"state": "paused", "step": 5},
        {"state": "finished", "step": 9},
        {"state": "failed", "error": "No."},
    ):
        terminal.show(Snapshot(**{**vars(now), **changes}))
    assert capsys.readouterr().err.splitlines() == [
        "The training engine of /home is ready, with 2 processes. Start runs from the dashboard of this home; Ctrl-C "
        "here saves the run and ends the engine.",
        "Preparing to start, by Ada",
        "Training 'digits' (run r) on cpu from step 0, by Ada",
        "'digits' (run r) is paused at step 4, by Ada",
        "'digits' (run r) is finished at step 9, by Ada",
        "'digits' (run r) has failed: No.",
    ]
    assert terminal.runs == ["r"]
