"""An event file of a stored run, as TensorBoard reads it."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from pipeline.runs import metrics, point_series, probes
from pipeline.runs.event_files import stored_run
from pipeline.runs.event_files.stored_run import write_run
from pipeline.runs.exporting.run_rows import RunRows
from pipeline.runs.probe_records import BINS, EDGES, HISTOGRAMS, NUMBERS, LayerProbe, Probe
from pipeline.runs.store import RunRecord, Store
from tests.runs.databases import SQLITE

DATABASES = SQLITE

NewRun = Callable[..., RunRecord]
EVERYTHING = {"scalars": 0, "images": 0, "histograms": 0, "tensors": 0}
WORKFLOW = (
    '{"prompt": {"training": {"class_type": "GANTraining", "inputs": {"rate": 0.5, "ema": true, "data": ["d", 0]}}}}'
)


def read(path: Path) -> EventAccumulator:
    return EventAccumulator(str(path), size_guidance=EVERYTHING).Reload()


def scalars(found: EventAccumulator, tag: str) -> list[tuple[int, float]]:
    return [(event.step, event.value) for event in found.Scalars(tag)]


def png_of(pixels: np.ndarray) -> bytes:
    stream = BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture
def run(store: Store, new_run: NewRun) -> RunRecord:
    """Three steps, the second without a G_loss; diversity before the first step and after the third."""
    record = new_run(name="my/run", workflow_text=WORKFLOW)
    point_series.record(store, record.id, 0, {"diversity": 0.5})
    values = [[0.1, 2.0, 0.25], [0.2, np.nan, 0.5], [0.3, 1.0, 2.0]]
    metrics.append(store, record.id, 1, ["D_loss", "G_loss", "seconds"], values)
    point_series.record(store, record.id, 3, {"diversity": 0.75})
    store.update(record.id, step=3)
    store.add_event(record.id, 2, "saved", "a | b", "Ada")
    return store.run(record.id)


def test_every_scalar_comes_back_at_its_step_and_time(tmp_path: Path, store: Store, run: RunRecord):
    written = write_run(store, RunRows(store, run), tmp_path / "logs")
    assert written.path.parent.name == f"my-run-{run.id}"
    found = read(written.path.parent)
    as_float = [float(np.float32(value)) for value in (0.1, 0.2, 0.3)]
    assert sorted(found.Tags()["scalars"]) == ["D_loss", "G_loss", "diversity", "seconds"]
    assert scalars(found, "D_loss") == list(zip((1, 2, 3), as_float, strict=True))
    assert scalars(found, "G_loss") == [(1, 2.0), (3, 1.0)]
    assert scalars(found, "diversity") == [(0, 0.5), (3, 0.75)]
    assert [event.wall_time for event in found.Scalars("D_loss")] == [run.created + each for each in (0.25, 0.5, 2.0)]
    assert found.Scalars("diversity")[0].wall_time == run.created
    assert written.scalars == 3 + 2 + 2 + 3


def test_a_run_without_a_step_has_only_texts(tmp_path: Path, store: Store, new_run: NewRun):
    written = write_run(store, RunRows(store, new_run()), tmp_path / "logs")
    assert (written.scalars, written.images, written.histograms) == (0, 0, 0)
    assert "workflow" in read(written.path.parent).Tags()["tensors"]


def test_the_times_of_a_fork_begin_with_its_creation(tmp_path: Path, store: Store, run: RunRecord, new_run: NewRun):
    fork = new_run(parent=run.id, parent_step=2)
    metrics.append(store, fork.id, 3, ["seconds"], [[1.5]])
    found = read(write_run(store, RunRows(store, store.run(fork.id)), tmp_path).path.parent)
    # The parent had trained for 0.5 seconds after step 2.
    assert [event.wall_time for event in found.Scalars("seconds")] == [pytest.approx(fork.created + 1.0, abs=1e-6)]


def test_the_times_of_a_fork_whose_parent_is_gone_begin_with_its_first_step(
    tmp_path: Path, store: Store, new_run: NewRun
):
    fork = new_run(parent_step=2)
    metrics.append(store, fork.id, 3, ["seconds"], [[7200.5], [7201.0]])
    found = read(write_run(store, RunRows(store, store.run(fork.id)), tmp_path).path.parent)
    times = [event.wall_time - fork.created for event in found.Scalars("seconds")]
    assert times == pytest.approx([0.0, 0.5], abs=1e-3)


@pytest.mark.parametrize("shape", [(10, 12), (10, 12, 3)])
def test_sample_grids_come_back_pixel_by_pixel(shape, tmp_path: Path, store: Store, run: RunRecord):
    pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    store.files(run.id).save_grid(3, png_of(pixels))
    # One that a power failure has left empty is passed over.
    store.files(run.id).save_grid(2, b"")
    found = read(write_run(store, RunRows(store, run), tmp_path / "logs").path.parent)
    (event,) = found.Images("samples")
    assert (event.step, event.height, event.width, event.wall_time) == (3, 10, 12, run.created + 2)
    np.testing.assert_array_equal(np.asarray(Image.open(BytesIO(event.encoded_image_string))), pixels)


def test_texts_hold_the_workflow_and_the_events(tmp_path: Path, store: Store, run: RunRecord):
    found = read(write_run(store, RunRows(store, run), tmp_path / "logs").path.parent)
    texts = {tag: found.Tensors(tag)[0].tensor_proto.string_val[0].decode() for tag in ("workflow", "events", "run")}
    assert WORKFLOW in texts["workflow"]
    assert r"| saved | a \| b | Ada |" in texts["events"]
    assert run.id in texts["run"] and "my/run" in texts["run"]


def test_the_parameters_are_hyperparameters(tmp_path: Path, store: Store, run: RunRecord):
    from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

    found = read(write_run(store, RunRows(store, run), tmp_path / "logs").path.parent)
    content = found.PluginTagToContent("hparams")["_hparams_/session_start_info"]
    values = HParamsPluginData.FromString(content).session_start_info.hparams
    assert values["training.rate"].number_value == 0.5 and values["training.ema"].bool_value
    assert values["seed"].number_value == 7 and values["device"].string_value == "cpu"
    assert "training.data" not in values


def test_histograms_have_the_counts_of_the_probes_between_their_edges(tmp_path: Path, store: Store, run: RunRecord):
    counts = np.zeros(BINS, np.int64)
    counts[[0, 40]] = 3, 4
    nothing = np.zeros(BINS, np.int64)
    kinds = dict.fromkeys(HISTOGRAMS, nothing) | {"weight_histogram": counts}
    layer = LayerProbe("generator", "0 Linear", **dict.fromkeys(NUMBERS, 0.0), **kinds)
    probes.save(store.files(run.id), Probe(2, (layer,), None, 0.1))
    found = read(write_run(store, RunRows(store, run), tmp_path / "logs").path.parent)
    assert found.Tags()["histograms"] == ["generator/0 Linear/weight"]
    (event,) = found.Histograms("generator/0 Linear/weight")
    histogram = event.histogram_value
    assert (event.step, histogram.num, sum(histogram.bucket)) == (2, 7, 7)
    # The first bin is open: it ends an octave further on.
    assert (histogram.min, histogram.max) == (2 * EDGES[1], EDGES[41])
    filled = [limit for limit, count in zip(histogram.bucket_limit, histogram.bucket, strict=True) if count]
    assert filled == [EDGES[1], EDGES[41]]


def test_a_long_run_has_the_last_value_of_each_band_or_every_nth_step(
    tmp_path: Path, store: Store, new_run: NewRun, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(stored_run, "MOST_STEPS", 100)
    record = new_run()
    metrics.append(store, record.id, 1, ["loss"], np.arange(1, 1001)[:, None])
    point_series.record(store, record.id, 1000, {"diversity": 0.5})
    rows = RunRows(store, store.run(record.id))
    found = scalars(read(write_run(store, rows, tmp_path / "logs").path.parent), "loss")
    # 1,000 steps in at most 100 bands of 16.
    assert found == [(step, step) for step in (*range(16, 1000, 16), 1000)]
    found = scalars(read(write_run(store, rows, tmp_path / "logs", every=250).path.parent), "loss")
    assert found == [(step, step) for step in (250, 500, 750, 1000)]


def test_a_second_export_replaces_the_first_and_one_that_stops_leaves_nothing(
    tmp_path: Path, store: Store, run: RunRecord
):
    rows = RunRows(store, run)

    def stop(doing: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_run(store, rows, tmp_path / "logs", progress=stop)
    assert list((tmp_path / "logs").iterdir()) == []
    paths = {write_run(store, rows, tmp_path / "logs").path for _ in range(2)}
    assert list((tmp_path / "logs").rglob("events*")) == list(paths)
