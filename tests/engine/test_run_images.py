"""A run's images in the engine: refused, and still the same when the nearest of them are searched."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.errors.machine import UnusableValue
from pipeline.errors.runs import OtherImages, TooFewImages
from pipeline.graph import edit
from pipeline.graph.workflow import NodeData, Workflow
from pipeline.nodes.catalogue import NODES
from pipeline.runtime.messages.commands import Pause, Resume
from pipeline.sampling.neighbours import NeighbourSearch
from tests.engine.conftest import Bench


def save(path: Path, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (8, 8), dtype=np.uint8)).save(path)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for number in range(20):
        save(tmp_path / "photos" / f"{number}.png", number)
    return tmp_path / "photos"


@pytest.fixture
def workflow(photos: Path, small: Callable[..., Workflow]) -> Workflow:
    data = NodeData("ImageFiles", {"source": str(photos), "image_size": 8})
    return edit.apply_settings(edit.replace_node(small(), "data", data), ["generator.image_size=8"], NODES)


def test_a_start_with_too_few_images_records_no_run_and_leaves_the_engine_ready(
    bench: Bench, workflow: Workflow, photos: Path, small: Callable[..., Workflow]
) -> None:
    for path in sorted(photos.iterdir())[:15]:
        path.write_bytes(b"damaged")
    with pytest.raises(TooFewImages, match=r"Batch size is 8, but there are only 5 training images\. Read 5 of 20"):
        bench.start(workflow)
    assert (bench.snapshot.state, bench.snapshot.run) == ("idle", "")
    assert bench.worker.session.store.recent() == []
    assert bench.start(small())


def test_a_resume_takes_other_images_on_request_only(bench: Bench, workflow: Workflow, photos: Path) -> None:
    run = bench.start(workflow)
    bench.chunk(3)
    bench.worker.session.release_run("")
    save(photos / "7.png", 99)
    with pytest.raises(OtherImages, match="the pictures are others, or in another order"):
        bench.worker.obey(Resume(run=run))
    bench.worker.obey(Resume(run=run, accept_data=True))
    bench.ask(Pause)
    assert bench.snapshot.run == run
    kinds = [event.kind for event in bench.worker.session.store.events(run)]
    assert kinds.count("images changed") == 1


def test_the_nearest_images_are_searched_among_those_that_the_run_was_trained_on(
    bench: Bench, workflow: Workflow, photos: Path
) -> None:
    run = bench.start(workflow)
    bench.ask(Pause)
    store = bench.worker.session.store
    assert NeighbourSearch(store, run).neighbours(0, 1, 2).images.shape == (2, 8, 8, 1)
    save(photos / "7.png", 99)
    with pytest.raises(UnusableValue, match=r"have changed since run .* was trained on them: the pictures are others"):
        NeighbourSearch(store, run)
