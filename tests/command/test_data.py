"""`data`: the report on a data set, its options, and refused input."""

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pipeline.data.large.choosing import SETTING
from pipeline.engine.stop_signals import Stop
from pipeline.engine.terminal_line import ReadingLine
from pipeline.errors.data import ReadingStopped

ROOT = Path(__file__).parents[2]
Run = Callable[..., tuple[int, dict[str, Any], str]]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for number in range(6):
        folder = tmp_path / "photos" / ("cat", "dog")[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(number).integers(0, 256, (12, 20, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    (tmp_path / "photos" / "cat" / "text.png").write_text("no picture")
    return tmp_path / "photos"


def test_the_report_on_a_folder(run: Run, home: Path, photos: Path) -> None:
    code, facts, _ = run("data", photos, "--image-size", 16, "--fit", "pad", "--channels", "grey")

    assert code == 0
    assert (facts["count"], facts["classes"], facts["sizes"]) == (6, {"cat": 3, "dog": 3}, {"12x20": 6})
    assert facts["broken"] == [{"file": "cat/text.png", "reason": "it is not a picture in a known format"}]
    assert (facts["shape"], len(facts["mean"]), facts["duplicates"]) == ([1, 16, 16], 1, [])


@pytest.fixture
def twelve_bits(tmp_path: Path) -> Path:
    values = np.random.default_rng(0).integers(0, 4_095, (6, 8, 8), dtype=np.uint16, endpoint=True)
    values[0, 0, 0] = 4_095
    np.savez(tmp_path / "a.npz", images=values)
    return tmp_path / "a.npz"


def test_the_range_of_shades_is_an_option(run: Run, home: Path, twelve_bits: Path) -> None:
    code, facts, _ = run("data", twelve_bits)

    assert (code, facts["preparation"]["shades"]) == (0, "as stored")
    assert facts["scale"] == "Shades: 0 to 65,535 of the stored values became black to white (16 bits)."
    assert "set the parameter shades of the data node to '12 bits'" in facts["warnings"][0]
    _, facts, _ = run("data", twelve_bits, "--shades", "12 bits")
    assert (facts["warnings"], round(facts["mean"][0], 1)) == ([], 0.5)


def test_the_scale_and_warnings_are_printed(home: Path, twelve_bits: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from pipeline.__main__ import main

    assert main(["data", str(twelve_bits)]) == 0
    out = capsys.readouterr().out
    assert " Shades: 0 to 65,535 of the stored values became black to white (16 bits).\n" in out
    assert "\nWarning: The largest value is 4,095 where 65,535 is white" in out


def test_the_report_on_a_named_set(run: Run, home: Path) -> None:
    code, facts, _ = run("data", "digits")

    assert (code, facts["count"], facts["shape"]) == (0, 1_797, [1, 8, 8])


def test_the_text_report_has_the_same_facts(home: Path, photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from pipeline.__main__ import main

    assert main(["data", str(photos)]) == 0
    out = capsys.readouterr().out
    assert "6 images" in out and "classes: cat 3, dog 3" in out
    assert "left out: 1\n  cat/text.png: it is not a picture in a known format" in out


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        (["nowhere"], "UnusableSource"),
        (["/dev/null"], "UnusableSource"),
        ([], "UnreadableCommand"),
        (["digits", "--image-size", "3"], "UnreadableCommand"),
        (["digits", "--fit", "squeeze"], "UnreadableCommand"),
        (["digits", "--shades", "12 bits"], "UnreadableCommand"),
        (["photos", "--shades", "11 bits"], "UnreadableCommand"),
    ],
)
def test_a_bad_source_or_option_is_refused(arguments: list[str], kind: str, run: Run, home: Path) -> None:
    code, facts, err = run("data", *arguments)

    assert (code, facts["kind"]) == (2, kind)
    assert err == facts["error"] + "\n"
    assert not home.exists()


def test_duplicates_of_a_set_that_is_decoded_while_training_are_not_said_to_be_none(
    home: Path, photos: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline.__main__ import main

    monkeypatch.setenv(SETTING, "0")
    assert main(["data", str(photos)]) == 0
    out = capsys.readouterr().out
    assert "duplicates: not looked for, since the set is decoded while training\nleft out: 0\n" in out
    assert "1 of 7 images in a sample is damaged, such as cat/text.png" in out


def test_a_folder_without_images_is_refused(run: Run, home: Path, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    code, facts, _ = run("data", tmp_path / "none")

    assert (code, facts["kind"]) == (2, "UnusableSource")
    assert "there are no images in it" in facts["error"]


def test_progress_prints_a_line_from_time_to_time_and_one_at_the_end() -> None:
    stream = io.StringIO()
    with Stop() as stop:
        line = ReadingLine(stream, stop)
        for done in range(0, 101, 10):
            line("Reading images", done, 100)

    assert stream.getvalue() == "Reading images 0 of 100\nReading images 100 of 100\n"


def test_waiting_long_for_the_same_thing_is_one_line_of_a_log(monkeypatch: pytest.MonkeyPatch) -> None:
    stream, clock = io.StringIO(), [100.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    with Stop() as stop:
        line = ReadingLine(stream, stop)
        for done in (1, 1, 1, 2):
            line("Waiting for the other processes:", done, 2)
            clock[0] += 10.0

    assert stream.getvalue() == "Waiting for the other processes: 1 of 2\nWaiting for the other processes: 2 of 2\n"


def test_reading_that_finishes_at_once_prints_no_progress() -> None:
    stream = io.StringIO()
    with Stop() as stop:
        ReadingLine(stream, stop)("Reading images", 100, 100)

    assert stream.getvalue() == ""


def test_waiting_for_another_process_is_said_though_nothing_is_counted() -> None:
    stream = io.StringIO()
    with Stop() as stop:
        line = ReadingLine(stream, stop)
        for _ in range(3):
            line("Waiting for another process", 0, 0)

    assert stream.getvalue() == "Waiting for another process\n"


def test_a_signal_stops_reading_with_its_exit_code() -> None:
    with Stop() as stop, pytest.raises(ReadingStopped) as stopped:
        os.kill(os.getpid(), signal.SIGTERM)
        ReadingLine(io.StringIO(), stop)("Reading images", 3, 100)

    assert stopped.value.exit_code == 143


@pytest.mark.slow  # starts a process that reads for long enough to be interrupted
def test_ctrl_c_in_the_middle_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    Image.new("L", (3000, 3000)).save(tmp_path / "photos" / "0.png")
    for number in range(1, 3000):
        (tmp_path / "photos" / f"{number}.png").hardlink_to(tmp_path / "photos" / "0.png")
    command = [sys.executable, "-m", "pipeline", "data", str(tmp_path / "photos"), "--json"]
    environment = os.environ | {"GENSCOPE_HOME": str(tmp_path / "home")}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        assert "Reading images 0 of 3,000" in process.stderr.readline()
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=120)
    assert process.returncode == 130
    assert '"kind": "ReadingStopped"' in out
    assert not list((tmp_path / "home").rglob("*.npz"))
