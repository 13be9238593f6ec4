"""The commands of the drawing engine."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from itertools import count
from pathlib import Path

import pytest
from PIL import Image

from pipeline.data import sources
from pipeline.engine import launching
from pipeline.engine.drawing_worker import DrawingWorker
from pipeline.errors.base import GenscopeError
from pipeline.errors.data import ReadingStopped
from pipeline.errors.machine import UnusableValue
from pipeline.graph import document, edit
from pipeline.graph.workflow import Workflow
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.checked_workflow import check_workflow
from pipeline.runs.store import Store
from pipeline.runtime.messages.commands import Pause
from pipeline.runtime.messages.drawing_commands import Draw, DrawPath, Neighbours, PreparedSet, Report, Strips
from pipeline.runtime.messages.wire import read_reply, write
from pipeline.studio.workflows import open_template

CHOICE = Draw(count=6, seed=3)
NEAR = Neighbours(step=0, sample=2, count=5)


@pytest.fixture
def run(home: Path, small: Callable[..., Workflow]) -> str:
    """A stored run with a checkpoint."""
    with Store(home) as store:
        run = launching.start(store, check_workflow(small()), "Ada")
        run.close()
        return run.id


@pytest.fixture
def worker(home: Path) -> Iterator[DrawingWorker]:
    worker = DrawingWorker(home)
    yield worker
    worker.close()


def test_a_picture_contains_its_workflow(run: str, worker: DrawingWorker, small: Callable[..., Workflow]) -> None:
    png = worker.obey(replace(CHOICE, run=run)).png
    assert document.read_png(png).nodes == small().nodes
    assert Image.open(BytesIO(png)).format == "PNG"


@pytest.mark.parametrize(
    "wrong", [{"step": 77}, {"count": 0}, {"count": 10**9}, {"seed": -1}, {"weights": "none"}, {"device": "cuda:9"}]
)
def test_invalid_drawing_requests_are_refused(wrong: dict, run: str, worker: DrawingWorker) -> None:
    with pytest.raises(GenscopeError):
        worker.obey(replace(CHOICE, run=run, **wrong))


@pytest.mark.parametrize("size", [-1, 257, 100_000, 10**30])
def test_image_sizes_that_would_fill_the_memory_are_refused(size: int, worker: DrawingWorker) -> None:
    data = PreparedSet("digits", size, "crop", "as they come")
    report = Report(data=data, held_out=0.1, fingerprint="", begin=True, again=False)
    for command in (report, Strips(data=data, page=0, count=1, augmentations=(), seed=0)):
        with pytest.raises(UnusableValue, match="choose 1 to 256"):
            worker.obey(command)


@pytest.mark.parametrize("count", [-1, 0, 65, 10**30])
def test_more_strips_than_a_page_has_are_refused(count: int, worker: DrawingWorker) -> None:
    data = PreparedSet("digits", 8, "crop", "as they come")
    with pytest.raises(UnusableValue, match="ask for 1 to 64"):
        worker.obey(Strips(data=data, page=0, count=count, augmentations=(), seed=0))


@pytest.mark.parametrize("run", ["latest/../..", "20200101-000000-00000000", ""])
def test_an_unknown_run_is_refused(run: str, worker: DrawingWorker) -> None:
    for command in (CHOICE, NEAR):
        with pytest.raises(GenscopeError, match="There is no run"):
            worker.obey(replace(command, run=run))


def test_the_real_images_nearest_to_a_sample_come_with_their_distances(run: str, worker: DrawingWorker) -> None:
    answer = worker.obey(replace(NEAR, run=run))
    distances = [each.distance for each in answer.found]
    assert len(distances) == 5
    assert distances == sorted(distances) and distances[0] > 0 and answer.usual > 0
    for each in answer.found:
        with Image.open(BytesIO(each.png)) as picture:
            assert (picture.format, picture.mode, picture.size) == ("PNG", "L", (28, 28))
    assert read_reply(write(answer)) == answer


def test_a_second_search_in_a_run_does_not_load_its_data_again(
    run: str, worker: DrawingWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = worker.obey(replace(NEAR, run=run))

    def unavailable(*arguments: object) -> None:
        raise AssertionError("the images are loaded already")

    monkeypatch.setattr(sources, "load", unavailable)
    assert worker.obey(replace(NEAR, run=run)) == first
    other = worker.obey(replace(NEAR, run=run, sample=3))
    assert other.found != first.found


@pytest.mark.parametrize("wrong", [{"step": 77}, {"sample": 0}, {"sample": 5}, {"count": 0}, {"count": 10**9}])
def test_invalid_neighbour_searches_are_refused(wrong: dict, run: str, worker: DrawingWorker) -> None:
    with pytest.raises(GenscopeError):
        worker.obey(replace(NEAR, run=run, **wrong))


def test_a_command_for_the_training_engine_is_refused(run: str, worker: DrawingWorker) -> None:
    with pytest.raises(GenscopeError, match="The drawing engine has no command 'pause'"):
        worker.obey(Pause(run=run))


def test_drawing_can_be_cancelled_and_the_next_drawing_works(home: Path, run: str) -> None:
    cancelled: list[str] = []
    worker = DrawingWorker(home, lambda: bool(cancelled))
    cancelled.append("stop")
    with pytest.raises(ReadingStopped, match=r"Stopped while drawing images \(0 of 6 done\)"):
        worker.obey(replace(CHOICE, run=run))
    cancelled.clear()
    assert worker.obey(replace(CHOICE, run=run)).png.startswith(b"\x89PNG")
    worker.close()


@pytest.fixture(scope="module")
def flowing(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A home, and a run in it that makes images in many steps."""
    home = tmp_path_factory.mktemp("flowing")
    settings = ("data.dataset=digits", "network.channels=8", "training.batch_size=8", "sampling.steps=4")
    workflow = edit.apply_settings(open_template("flow"), settings, NODES)
    with Store(home, f"sqlite:///{home / 'genscope.sqlite'}") as store:
        run = launching.start(store, check_workflow(workflow), "Ada")
        run.close()
        return home, run.id


@pytest.fixture
def stepwise(flowing: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[DrawingWorker, str]]:
    monkeypatch.setenv("GENSCOPE_HOME", str(flowing[0]))
    monkeypatch.delenv("GENSCOPE_DATABASE_URL", raising=False)
    worker = DrawingWorker(flowing[0])
    yield worker, flowing[1]
    worker.close()


PATH = DrawPath(rows=3, columns=3, picture="estimate", seed=3)


def test_a_path_has_a_picture_of_all_images_for_each_moment(stepwise: tuple[DrawingWorker, str]) -> None:
    worker, run = stepwise
    answer = worker.obey(replace(PATH, run=run, settings={"steps": 8}))
    assert [moment.label for moment in answer.moments] == ["t = 1.00", "t = 0.50", "t = 0.00"]
    for moment in answer.moments:
        with Image.open(BytesIO(moment.png)) as picture:
            assert picture.height > 2 * picture.width
            facts = json.loads(picture.info["training"])
        assert facts["steps"] == 8 and facts["moment"] == moment.label
        assert document.read_png(moment.png).nodes
    assert read_reply(write(answer)) == answer
    noisy = worker.obey(replace(PATH, run=run, settings={"steps": 8}, picture="noisy"))
    assert noisy.moments[-1].png == answer.moments[-1].png


@pytest.mark.parametrize(
    "wrong",
    [
        {"rows": 0}, {"rows": 99}, {"columns": 1}, {"columns": 99}, {"picture": "x"}, {"settings": {"steps": 0}},
        {"settings": {"speed": 1}}, {"settings": {"steps": "5"}}, {"label": 77},
    ],
)  # fmt: skip
def test_invalid_paths_are_refused(wrong: dict, stepwise: tuple[DrawingWorker, str]) -> None:
    worker, run = stepwise
    with pytest.raises(UnusableValue):
        worker.obey(replace(PATH, run=run, **wrong))


def test_a_run_that_makes_images_in_one_pass_has_no_path(run: str, worker: DrawingWorker) -> None:
    with pytest.raises(UnusableValue, match="in one pass"):
        worker.obey(replace(PATH, run=run))


def test_a_drawing_is_cancelled_between_two_steps_of_its_sampler(flowing: tuple[Path, str]) -> None:
    told: list[str] = []
    worker = DrawingWorker(flowing[0], lambda: len(told) > 2, lambda snapshot: told.append(snapshot.doing))
    seconds = count(1.0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.engine.drawing_worker.time.monotonic", lambda: next(seconds))
        with pytest.raises(ReadingStopped, match=r"\(12 of 16 done\)"):
            worker.obey(Draw(run=flowing[1], count=16, seed=0))
    assert told == ["Drawing images, 0% done", "Drawing images, 25% done", "Drawing images, 50% done"]
    assert worker.snapshot.doing == ""
    worker.close()
