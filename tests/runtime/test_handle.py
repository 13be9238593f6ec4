"""The errors of a handle whose engine does not start. Running and crashing engines are tested in tests/engine."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.errors.training import EngineGone
from pipeline.processes.launch import launched
from pipeline.runtime.address import Address
from pipeline.runtime.handle import TrainerHandle
from pipeline.runtime.link import LinkClosed
from pipeline.runtime.messages.commands import Pause
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.runtime.messages.wire import Message, write
from pipeline.runtime.start import OF_PROCESSES, environment

WaitFor = Callable[..., None]


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A separate system temporary folder for this test."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_a_folder_that_others_can_open_is_reported_on_every_page(elsewhere: Path, wait_for: WaitFor) -> None:
    folder = Address(elsewhere / "home", "train").folder.parent
    folder.mkdir()
    folder.chmod(0o777)
    handle = TrainerHandle(elsewhere / "home")
    wait_for(lambda: handle.snapshot.engine == "gone")
    assert "open to other users" in handle.snapshot.trouble
    with pytest.raises(EngineGone, match="open to other users"):
        handle.ask(Pause())


def test_a_note_whose_key_is_not_text_does_not_keep_the_engine_from_starting(
    elsewhere: Path, wait_for: WaitFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.runtime.start.sys.executable", "/bin/false")
    address = Address(elsewhere / "home", "train")
    address.open()
    address.note.write_text('{"pid": 1, "key": 5}')
    handle = TrainerHandle(elsewhere / "home")
    wait_for(lambda: handle.snapshot.engine == "gone")
    assert "it did not start" in handle.snapshot.trouble


def test_whatever_ends_the_link_is_reported(
    elsewhere: Path, wait_for: WaitFor, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(address: Address, processes: int) -> None:
        raise TypeError("not a key")

    monkeypatch.setattr("pipeline.runtime.handle.find_or_start", fail)
    handle = TrainerHandle(elsewhere / "home")
    wait_for(lambda: handle.snapshot.engine == "gone")
    assert "a bug in Genscope: TypeError: not a key" in handle.snapshot.trouble
    assert "Traceback" in capfd.readouterr().err


def test_an_engine_is_not_one_of_the_processes_that_its_server_is_one_of(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in OF_PROCESSES:
        monkeypatch.setenv(name, "1")
    assert launched(environment(Address(elsewhere / "home", "train"))) is None


def test_an_engine_that_ends_at_once_is_reported_as_not_started(
    elsewhere: Path, wait_for: WaitFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.runtime.start.sys.executable", "/bin/false")
    handle = TrainerHandle(elsewhere / "home")
    wait_for(lambda: handle.snapshot.engine == "gone")
    assert "it did not start" in handle.snapshot.trouble
    assert not handle.snapshot.busy


def test_an_engine_of_several_processes_that_ends_with_its_log_deleted_is_reported_by_its_exit_code(
    elsewhere: Path, wait_for: WaitFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages = [write(Snapshot(processes=2))]

    class Link:
        def receive(self) -> Message:
            if not messages:
                raise LinkClosed
            return messages.pop()

    monkeypatch.setattr("pipeline.runtime.handle.find_or_start", lambda *_: (Link(), subprocess.Popen(["/bin/false"])))
    handle = TrainerHandle(elsewhere / "home")
    wait_for(lambda: handle.snapshot.engine == "gone", 10)
    assert handle.snapshot.trouble == "exit code 1"
