"""The progress of exports."""

import pytest

from pipeline.command.progress_line import ExportLine


def test_progress_is_shown_only_of_what_takes_long(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    with ExportLine() as show:
        show("Writing steps", 1, 9000)
        assert capsys.readouterr().err == ""
        clock[0] += 4.0
        show("Writing steps", 5000, 9000)
        show("Writing steps", 5001, 9000)
    assert capsys.readouterr().err == "Writing steps 5,000 of 9,000\n"
