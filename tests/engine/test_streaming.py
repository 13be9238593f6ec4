"""Streamed images: the run is bit-identical, the snapshot says so, and the thread ends with the run."""

import gc
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from pipeline.data import batches
from pipeline.data.device_placement import SETTING
from pipeline.graph.workflow import Workflow
from pipeline.nodes.assemble import assemble
from pipeline.runtime.messages.commands import Chunk, SaveCheckpoint
from pipeline.training import checkpoint
from pipeline.training.trainer import Trainer
from tests.engine.conftest import Bench

Small = Callable[..., Workflow]


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Use one thread, because runs are compared bit for bit, and the number of threads affects their bits."""
    before = torch.get_num_threads()
    monkeypatch.setattr("pipeline.engine.run_records.thread_count", lambda *_: 1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def streamed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTING, "0")


def trained(bench: Bench, workflow: Workflow) -> torch.Tensor:
    bench.start(workflow)
    bench.chunk(20)
    return torch.cat([weights.flatten() for weights in bench.weights().values()])


def test_a_streamed_run_is_bit_identical_to_one_with_images_on_the_device(
    bench: Bench, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    resident = trained(bench, small())
    assert bench.snapshot.streaming == ""
    monkeypatch.setenv(SETTING, "0")
    assert torch.equal(trained(bench, small()), resident)
    assert bench.snapshot.streaming == (
        "Images are streamed from memory: they take 3.5 MB, and cpu has room for 0 B of them."
    )


@pytest.mark.usefixtures("streamed")
def test_a_streamed_run_resumes_from_its_checkpoint_bit_for_bit(bench: Bench, small: Small, home: Path) -> None:
    bench.start(small())
    bench.chunk(7)
    bench.ask(SaveCheckpoint)
    folder = bench.run.files.checkpoint_folder(7)
    bench.chunk(5)
    resumed = Trainer.fresh(assemble(bench.run.workflow, home))
    checkpoint.load(folder, resumed.state)
    resumed.slice(5, seconds=60)
    weights = resumed.state.networks["generator"].state_dict()
    assert all(torch.equal(each, bench.weights()[f"generator.{name}"]) for name, each in weights.items())


@pytest.mark.usefixtures("streamed")
def test_no_thread_is_left_after_the_run_is_closed(bench: Bench, small: Small) -> None:
    bench.start(small())
    bench.chunk(3)
    ahead = [thread for thread in threading.enumerate() if thread.name.startswith("images ahead")]
    assert ahead
    bench.worker.close()
    gc.collect()
    for thread in ahead:
        thread.join(60)
    assert not any(thread.is_alive() for thread in ahead)


@pytest.mark.usefixtures("streamed")
def test_an_error_in_the_thread_fails_the_run_and_names_the_node(
    bench: Bench, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.start(small())
    bench.chunk(2)

    def fails(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error", "pixels")

    monkeypatch.setattr(batches, "np", type("Broken", (), {"take": staticmethod(fails), "ndarray": np.ndarray}))
    bench.ask(Chunk, steps=50)
    bench.go_on()
    assert (bench.snapshot.state, bench.snapshot.active) == ("failed", "data")
    assert bench.snapshot.error.startswith("Real digits (data) failed to run its stage 'draw real images': ")
    assert "Input/output error" in bench.snapshot.error
