"""What the drawing engine answers."""

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from pipeline.engine import taking_up
from pipeline.engine.drawing import DrawingWorker
from pipeline.errors.base import GenscopeError
from pipeline.graph import document
from pipeline.graph.workflow import Workflow
from pipeline.runs.store import Store
from pipeline.runtime.messages import Answer, Command

CHOICE = {"step": None, "count": 6, "seed": 3, "weights": "ema"}


@pytest.fixture
def run(home: Path, small: Callable[..., Workflow]) -> str:
    """A run with a checkpoint, trained by nobody now."""
    with Store(home) as store:
        run = taking_up.start(store, small(), "Ada")
        run.close()
        return run.id


@pytest.fixture
def worker(home: Path) -> Iterator[DrawingWorker]:
    worker = DrawingWorker(home)
    yield worker
    worker.close()


def test_the_same_choices_give_the_same_picture_and_another_seed_another(run: str, worker: DrawingWorker) -> None:
    def draw(**other: object) -> Answer:
        return worker.obey(Command("draw", run=run, arguments=CHOICE | other))

    first = draw()
    assert (first.values["run"], first.values["step"]) == (run, 0)
    assert draw().blobs == first.blobs != draw(seed=4).blobs


def test_a_picture_carries_its_workflow(run: str, worker: DrawingWorker, small: Callable[..., Workflow]) -> None:
    (png,) = worker.obey(Command("draw", run=run, arguments=CHOICE)).blobs
    assert document.read_png(png).nodes == small().nodes
    assert Image.open(BytesIO(png)).format == "PNG"


@pytest.mark.parametrize(
    "wrong", [{"step": 77}, {"count": 0}, {"count": 10**9}, {"seed": -1}, {"weights": "none"}, {"device": "cuda:9"}]
)
def test_what_cannot_be_drawn_is_refused_in_a_sentence(wrong: dict, run: str, worker: DrawingWorker) -> None:
    with pytest.raises(GenscopeError):
        worker.obey(Command("draw", run=run, arguments=CHOICE | wrong))


@pytest.mark.parametrize("run", ["latest/../..", "20200101-000000-00000000", ""])
def test_a_run_that_there_is_not_is_refused(run: str, worker: DrawingWorker) -> None:
    with pytest.raises(GenscopeError, match="There is no run"):
        worker.obey(Command("draw", run=run, arguments=CHOICE))
