"""An engine loads the same custom nodes as the server that starts it."""

from pathlib import Path

import pytest

from pipeline.runtime.address import Address
from pipeline.runtime.start import start


def test_an_engine_loads_custom_nodes_from_the_folder_of_the_server_and_logs_failures(
    home: Path, tmp_path: Path, wait_for, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "own_loss.py").write_text("raise ValueError('not finished')")
    # The engine's working directory differs, so that a relative path would not be found.
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GENSCOPE_NODES", "mine")
    address = Address(home, "draw")
    address.open()
    process = start(address)
    log = address.folder / "draw.log"
    wait_for(lambda: "not finished" in log.read_text() or process.poll() is not None)
    assert "own_loss.py failed to load: ValueError: not finished.\nTraceback" in log.read_text()
    wait_for(lambda: process.poll() is None and address.note.exists())
