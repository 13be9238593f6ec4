"""The progress line of a training run."""

from io import StringIO

import pytest

from pipeline.engine.terminal_line import ProgressLine

METRICS = {"D_loss": 1.25, "G_loss": 0.7, "D_real": 0.5, "images_per_second": 500.0}


class Terminal(StringIO):
    """A stream that claims to be a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_one_line_rewritten_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    stream = Terminal()
    line = ProgressLine(stream, goal=2000, batch_size=10)
    line.show(1000, METRICS)
    line.show(2000, METRICS)
    line.end()
    assert stream.getvalue().split("\r")[1:] == [
        "step 1,000 of 2,000 · 500 images/s · 15–25 s left · D_loss 1.25 · G_loss 0.7\x1b[K",
        "step 2,000 of 2,000 · 500 images/s · D_loss 1.25 · G_loss 0.7\x1b[K\n",
    ]


def test_a_line_never_wraps_on_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    stream = Terminal()
    ProgressLine(stream, goal=2000, batch_size=10).show(1000, METRICS)
    assert stream.getvalue() == "\rstep 1,000 of 2,000\x1b[K"


def test_a_file_gets_no_line_in_the_first_ten_seconds() -> None:
    stream = StringIO()
    line = ProgressLine(stream, goal=2000, batch_size=10)
    line.show(1, METRICS)
    line.end()
    assert stream.getvalue() == ""
