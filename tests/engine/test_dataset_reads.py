"""Data sets are read in the background of the drawing engine: progress, sharing, cancellation, repetition."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pipeline.engine import launching
from pipeline.engine.dataset_reads import AT_ONCE, REMEMBERED, DatasetReads
from pipeline.engine.drawing_worker import DrawingWorker
from pipeline.errors.data import ReadingStopped, UnusableSource
from pipeline.errors.training import CommandRefused
from pipeline.graph.workflow import Workflow
from pipeline.nodes.checked_workflow import check_workflow
from pipeline.runs.store import Store
from pipeline.runtime.handle import TrainerHandle
from pipeline.runtime.messages.drawing_commands import Draw, PreparedSet, Report
from pipeline.studio import sampling
from pipeline.studio.data import datasets
from pipeline.studio.data.datasets import DataChoice
from tests.data.files.pictures import png, write

WaitFor = Callable[..., None]
DIGITS = Report(
    data=PreparedSet("digits", 8, "crop", "as they come"), held_out=0.1, fingerprint="", begin=True, again=False
)


def of(source: object, image_size: int = 8) -> Report:
    """A request like `DIGITS` for another set or another size."""
    return replace(DIGITS, data=replace(DIGITS.data, source=str(source), image_size=image_size))


@pytest.fixture
def readings(home: Path) -> Iterator[DatasetReads]:
    made = DatasetReads(home)
    yield made
    made.close()


@pytest.fixture
def endless(tmp_path: Path) -> str:
    """A folder of 5,000 large images, which take more than a minute to read."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    Image.new("L", (2000, 2000)).save(folder / "0.png")
    for number in range(1, 5_000):
        (folder / f"{number}.png").hardlink_to(folder / "0.png")
    return str(folder)


@pytest.fixture(scope="module")
def drawer(shared_home: Path, wait_for: WaitFor) -> Iterator[TrainerHandle]:
    handle = TrainerHandle(shared_home, role="draw")
    wait_for(lambda: handle.snapshot.engine == "ready")
    yield handle
    handle.close()


def finished(readings: DatasetReads, wanted: Report) -> Any:
    """Wait for a reading and return its result."""
    deadline = time.monotonic() + 90
    while (found := readings.ask(wanted)[1]) is None:
        assert time.monotonic() < deadline
        wanted = replace(wanted, again=False)
        time.sleep(0.01)
    return found


def test_a_result_is_kept_for_the_next_request(readings: DatasetReads) -> None:
    assert readings.ask(replace(DIGITS, begin=False))[1] is None
    assert readings.under_way == ()
    found = finished(readings, DIGITS)
    assert (found.source, found.count, found.class_count) == ("digits", 1797, 10)
    assert readings.ask(replace(DIGITS, begin=False))[1] is found
    assert readings.under_way == ()


def test_another_preparation_or_changed_files_are_another_reading(readings: DatasetReads) -> None:
    found = finished(readings, DIGITS)
    assert finished(readings, of("digits", 16)).shape == (1, 16, 16)
    assert finished(readings, replace(DIGITS, fingerprint="changed")) is not found
    assert finished(readings, DIGITS) is found
    assert finished(readings, replace(DIGITS, again=True)) is not found


def test_a_failed_reading_is_repeated_only_on_request(readings: DatasetReads, tmp_path: Path) -> None:
    folder = write(tmp_path / "folder", {"1.png": b"broken"})
    wanted = of(folder)
    with pytest.raises(UnusableSource, match="can be read"):
        finished(readings, wanted)
    write(folder, {"2.png": png()})
    with pytest.raises(UnusableSource, match="can be read"):
        readings.ask(wanted)
    assert finished(readings, replace(wanted, again=True)).count == 1


def test_a_stopped_reading_stays_stopped(readings: DatasetReads, endless: str, home: Path, wait_for: WaitFor) -> None:
    wanted = of(endless)
    key, nothing = readings.ask(wanted)
    assert nothing is None
    wait_for(lambda: readings.under_way[0].doing == "Reading images")
    assert (readings.under_way[0].key, readings.under_way[0].total) == (key, 5_000)
    readings.stop(key)
    wait_for(lambda: not readings.under_way)
    with pytest.raises(ReadingStopped):
        readings.ask(wanted)
    assert not list((home / "data").glob("files-*"))


def test_a_queued_reading_shows_that_it_waits_and_can_be_stopped_at_once(readings: DatasetReads, endless: str) -> None:
    keys = [readings.ask(of(endless, 8 + 4 * n))[0]
            for n in range(AT_ONCE + 1)]  # fmt: skip
    assert readings.under_way[-1].doing == "Waiting for other data sets to be read"
    readings.stop(keys[-1])
    assert [reading.key for reading in readings.under_way] == keys[:-1]
    with pytest.raises(ReadingStopped):
        readings.ask(of(endless, 8 + 4 * AT_ONCE))


def test_the_oldest_results_are_dropped_beyond_the_limit(readings: DatasetReads) -> None:
    first = finished(readings, DIGITS)
    for number in range(REMEMBERED):
        finished(readings, replace(DIGITS, fingerprint=str(number)))
    assert readings.ask(replace(DIGITS, begin=False))[1] is None
    assert finished(readings, DIGITS) == first


def test_closing_the_engine_stops_its_readings(home: Path, endless: str) -> None:
    worker = DrawingWorker(home)
    worker.obey(of(endless))
    assert worker.busy and worker.snapshot.readings
    started = time.monotonic()
    worker.close()
    assert time.monotonic() - started < 60


def test_samples_are_drawn_while_a_set_is_read_with_progress_and_can_be_cancelled(
    drawer: TrainerHandle, shared_home: Path, endless: str, small: Callable[..., Workflow], wait_for: WaitFor
) -> None:
    with Store(shared_home) as store:
        run = launching.start(store, check_workflow(small()), "Ada")
        run.close()
    choice = DataChoice(endless, 8)
    answer = datasets.read_set(drawer, choice, "", begin=True)
    assert answer.summary is None

    def reading() -> Any:
        return datasets.reading_progress(drawer.snapshot, answer.key)

    wait_for(lambda: reading() and reading().done > 0)
    before = reading().done
    assert sampling.draw(drawer, Draw(run=run.id, count=4, seed=0)).png
    assert reading() is not None
    wait_for(lambda: reading().done > before)
    # A request by another browser joins the reading.
    assert datasets.read_set(drawer, choice, "", begin=True) == answer
    assert len(drawer.snapshot.readings) == 1

    datasets.stop_reading(drawer, answer.key)
    wait_for(lambda: not drawer.snapshot.readings)
    with pytest.raises(CommandRefused) as stopped:
        datasets.read_set(drawer, choice, "", begin=True)
    assert stopped.value.kind == "ReadingStopped"


def test_a_summary_arrives_from_the_engine_complete(drawer: TrainerHandle, wait_for: WaitFor) -> None:
    choice = DataChoice("digits", 8)
    wait_for(lambda: datasets.read_set(drawer, choice, "", begin=True).summary is not None)
    found = datasets.read_set(drawer, choice, "", begin=False).summary
    assert found is not None
    assert (found.train, found.held_out, found.shape) == (1617, 180, (1, 8, 8))
    assert sum(found.histogram[0]) == 1797 * 64
    assert dict(found.classes)["7"] == 179
