"""The log for TensorBoard that a run writes while it is trained, as TensorBoard reads it."""

import errno
import shutil
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from pipeline.engine.worker import TrainingWorker
from pipeline.graph import edit
from pipeline.graph.adding import place_node
from pipeline.graph.workflow import Workflow
from pipeline.nodes.catalogue import NODES
from pipeline.runs import metrics, point_series
from pipeline.runs.event_files.event_log import EventLog
from pipeline.runs.grids import grid_pixels
from pipeline.runs.store import Store
from pipeline.runtime.messages.commands import Back, Resume, SetLive
from tests.engine.conftest import RATE, Bench, recorded, same

Small = Callable[..., Workflow]
pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def home(shared_home: Path) -> Path:
    return shared_home


@pytest.fixture(scope="module")
def bench(shared_home: Path):
    threads = torch.get_num_threads()
    worker = TrainingWorker(shared_home, publish=lambda snapshot: None)
    yield Bench(worker)
    worker.close()
    torch.set_num_threads(threads)


@pytest.fixture
def logged(small: Small) -> Small:
    """`logged("every=2")`: the small workflow on the 8×8 digits, with a log and a grid every four steps."""

    def make(*settings: str) -> Workflow:
        tiny = ("data.dataset=digits", "generator.image_size=8", "samples.every=4", "training.threads=1")
        workflow, _ = place_node(small(*tiny), "TensorboardLog", "training", NODES)
        return edit.apply_settings(workflow, [f"tensorboard_log.{each}" for each in settings], NODES)

    return make


def log_of(home: Path, run: str) -> Path:
    return home / "runs" / run / "tensorboard"


def read(folder: Path) -> EventAccumulator:
    return EventAccumulator(str(folder), size_guidance={"scalars": 0, "images": 0, "tensors": 0}).Reload()


def assert_shows_what_is_stored(home: Path, run: str, every: int, folder: Path | None = None) -> None:
    """Assert that TensorBoard shows the run's series at every n-th step, all measurements, and the grids' pixels."""
    found = read(folder or log_of(home, run))
    with Store(home) as store:
        names = metrics.names(store, run)
        points = point_series.read(store, run, names)
        files = store.files(run)
        ((steps, values),) = metrics.rows(store, run)
    kept = steps % every == 0
    expected = {name: (steps[kept], values[kept, column]) for column, name in enumerate(names) if name not in points}
    expected |= {name: (each.steps, each.values) for name, each in points.items()}
    assert set(found.Tags()["scalars"]) == set(expected)
    for name, (steps, values) in expected.items():
        assert [event.step for event in found.Scalars(name)] == steps.tolist(), name
        assert [event.value for event in found.Scalars(name)] == values.tolist(), name
    images = found.Images("samples")
    measured = set(points["diversity"].steps.tolist())
    assert [event.step for event in images] == [step for step, _ in files.grids() if step in measured]
    for event in images:
        pixels = np.asarray(Image.open(BytesIO(event.encoded_image_string)))
        np.testing.assert_array_equal(pixels, grid_pixels(files, event.step)[:, :, 0])


def test_it_has_the_metrics_of_every_nth_step_the_measurements_the_grids_and_the_workflow(
    bench: Bench, logged: Small, home: Path
) -> None:
    run = bench.start(logged("every=3"), switch=True)
    bench.chunk(10)
    assert_shows_what_is_stored(home, run, every=3)
    found = read(log_of(home, run))
    (text,) = found.Tensors("workflow")[0].tensor_proto.string_val
    assert b"TensorboardLog" in text
    times = [event.wall_time for event in found.Scalars("D_loss")]
    assert times == sorted(times) and len(set(times)) == 3


def test_after_a_resume_it_shows_nothing_that_was_not_kept(bench: Bench, logged: Small, home: Path) -> None:
    run = bench.start(logged("every=1"), switch=True)
    bench.chunk(10)
    bench.run.save()
    bench.chunk(3)
    bench.start(logged(), switch=True)
    # As if the process had died before the last checkpoint.
    shutil.rmtree(home / "runs" / run / "checkpoints" / "step-000000013", ignore_errors=True)
    bench.ask(Resume, run=run, switch=True, paused=True)
    assert bench.snapshot.step == 10
    assert_shows_what_is_stored(home, run, every=1)
    bench.chunk(5)
    assert_shows_what_is_stored(home, run, every=1)
    assert len(list(log_of(home, run).iterdir())) == 2


def test_going_back_logs_nothing_twice_and_a_fork_has_a_log_of_its_own(bench: Bench, logged: Small, home: Path) -> None:
    run = bench.start(logged("every=1"), switch=True)
    bench.chunk(9)
    bench.ask(Back, step=6)
    bench.go_on()
    bench.chunk(2)
    assert_shows_what_is_stored(home, run, every=1)
    bench.ask(SetLive, **RATE, value=0.1)
    fork = bench.snapshot.run
    assert fork != run
    bench.chunk(3)
    assert_shows_what_is_stored(home, run, every=1)
    assert_shows_what_is_stored(home, fork, every=1)


def test_training_is_the_same_bit_for_bit(bench: Bench, logged: Small, home: Path) -> None:
    weights, losses = [], []
    for workflow in (logged("every=1"), edit.remove_node(logged(), "tensorboard_log", NODES)):
        run = bench.start(workflow, switch=True)
        bench.chunk(10)
        weights.append(bench.weights())
        losses.append(recorded(home, run)["D_loss"].tolist())
    assert same(*weights) and losses[0] == losses[1]
    assert not log_of(home, run).exists()


def test_a_folder_holds_the_logs_of_several_runs(bench: Bench, logged: Small, home: Path, tmp_path: Path) -> None:
    for folder, place in ((str(tmp_path / "logs"), tmp_path / "logs"), ("boards", home / "boards")):
        runs = [bench.start(logged("every=2", f"folder={folder}"), switch=True) for _ in range(2)]
        bench.chunk(4)
        assert {path.name[-len(run) :] for path, run in zip(sorted(place.iterdir()), sorted(runs), strict=True)} == {
            *runs
        }
        assert_shows_what_is_stored(home, runs[1], 2, next(place.glob(f"*{runs[1]}")))


def test_a_log_that_cannot_be_written_stops_no_training_and_is_said_once(
    bench: Bench, logged: Small, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = bench.start(logged("every=1"), switch=True)
    bench.chunk(2)

    def full(log: EventLog) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(EventLog, "flush", full)
        bench.chunk(4)
    bench.chunk(4)
    assert (bench.snapshot.state, bench.snapshot.step) == ("paused", 10)
    with Store(home) as store:
        said = [event.text for event in store.events(run) if event.kind == "log failed"]
    (sentence,) = said
    assert sentence == (
        "The log for TensorBoard cannot be written (No space left on device). Training goes on without it; resume the "
        "run to log it again."
    )


@pytest.mark.parametrize("folder", ["/proc/none", "~nobody-of-this-name/logs"])
def test_a_folder_that_cannot_be_made_stops_no_run(folder: str, bench: Bench, logged: Small, home: Path) -> None:
    run = bench.start(logged(f"folder={folder}"), switch=True)
    bench.chunk(2)
    with Store(home) as store:
        assert [event.kind for event in store.events(run)].count("log failed") == 1
