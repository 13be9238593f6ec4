"""Runs whose images are decoded while training: equal to others bit for bit, stopped by what has changed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.errors.training import NodeFailure
from pipeline.graph import edit
from pipeline.graph.workflow import NodeData, Workflow
from pipeline.nodes.catalogue import NODES
from pipeline.runtime.messages.commands import Pause, Resume
from tests.data.files.pictures import png, write
from tests.engine.conftest import Bench, same


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return write(tmp_path / "photos", {f"{number:02}.png": png(10, 9, 1, number) for number in range(20)})


@pytest.fixture
def workflow(photos: Path, small: Callable[..., Workflow]) -> Callable[[str], Workflow]:
    def made(decoding: str) -> Workflow:
        data = NodeData("ImageFiles", {"source": str(photos), "image_size": 8, "decoding": decoding})
        return edit.apply_settings(edit.replace_node(small(), "data", data), ["generator.image_size=8"], NODES)

    return made


def test_a_run_resumed_in_the_middle_of_an_epoch_is_that_of_a_set_read_whole(
    bench: Bench, workflow: Callable[[str], Workflow]
) -> None:
    bench.start(workflow("before training"))
    bench.chunk(7)
    expected = {name: values.clone() for name, values in bench.weights().items()}
    bench.worker.session.release_run("")
    run = bench.start(workflow("while training"))
    bench.chunk(3)
    bench.worker.session.release_run("")
    bench.worker.obey(Resume(run=run))
    bench.ask(Pause)
    bench.chunk(7 - bench.snapshot.step)

    assert bench.snapshot.step == 7
    assert same(bench.weights(), expected)


def test_a_run_tells_of_damaged_images_once_and_of_more_when_they_have_doubled(
    bench: Bench, workflow: Callable[[str], Workflow], photos: Path
) -> None:
    (photos / "03.png").write_bytes(b"damaged")
    run = bench.start(workflow("while training"))
    bench.chunk(6)
    told = [event.text for event in bench.worker.session.store.events(run) if event.kind == "images replaced"]

    assert told == [
        "1 damaged image was met, and replaced by the next image that is not: 03.png (it is not a picture in a known "
        "format)."
    ]


def test_a_file_that_changes_while_training_stops_the_run_with_its_name(
    bench: Bench, workflow: Callable[[str], Workflow], photos: Path
) -> None:
    bench.start(workflow("while training"))
    bench.chunk(1)
    for path in photos.iterdir():
        path.write_bytes(png(20, 20))

    with pytest.raises(NodeFailure, match=r"^Image files .*\.png cannot be used: it has changed since"):
        # Some batches have been decoded before.
        while bench.run.step < 1_000:
            bench.run.advance(1_000, lambda: False)
