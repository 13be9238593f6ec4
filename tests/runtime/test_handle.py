"""The errors of a handle whose engine does not start. Running and crashing engines are tested in tests/engine."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.errors.training import EngineGone
from pipeline.runtime.address import Address
from pipeline.runtime.handle import TrainerHandle
from pipeline.runtime.messages.commands import Pause

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


def test_an_engine_that_ends_at_once_is_reported_as_not_started(
    elsewhere: Path, wait_for: WaitFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.runtime.start.sys.executable", "/bin/false")
    handle = TrainerHandle(elsewhere / "home")
    wait_for(lambda: handle.snapshot.engine == "gone")
    assert "it did not start" in handle.snapshot.trouble
    assert not handle.snapshot.busy
