"""The commands of the evaluation engine that show images."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pipeline.engine import launching
from pipeline.engine.evaluation_worker import EvaluationWorker
from pipeline.errors.base import GenscopeError
from pipeline.errors.data import ReadingStopped
from pipeline.errors.evaluation import NothingToShow
from pipeline.graph.workflow import Workflow
from pipeline.nodes.checked_workflow import check_workflow
from pipeline.runs.store import Store
from pipeline.runtime.messages.evaluation_commands import (
    FindFailures,
    FindMemorised,
    JudgeImages,
    LookAtImages,
    StopLooking,
)
from pipeline.runtime.messages.wire import read_reply, write
from pipeline.training.sampler import image_batches

COUNT = 20
JUDGE = JudgeImages(step=0, count=COUNT, shown=6)
MEMORISED = FindMemorised(step=0, count=COUNT, shown=6)
FAILURES = FindFailures(step=0, count=COUNT, shown=6, which="least typical")

DRAWING = "pipeline.evaluation.generated.image_batches"

Looked = Callable[[LookAtImages[Any]], Any]


@pytest.fixture(scope="module")
def run(shared_home: Path, small: Callable[..., Workflow]) -> str:
    """A stored run with a checkpoint."""
    with Store(shared_home) as store:
        run = launching.start(store, check_workflow(small("data.dataset=digits", "generator.image_size=8")), "Ada")
        run.close()
        return run.id


@pytest.fixture
def worker(shared_home: Path) -> Iterator[EvaluationWorker]:
    worker = EvaluationWorker(shared_home)
    yield worker
    worker.close()


@pytest.fixture
def look(run: str, worker: EvaluationWorker) -> Looked:
    """Ask for a view of the run until it is there."""

    def look(command: LookAtImages[Any]) -> Any:
        answer = worker.obey(replace(command, run=run, again=True))
        while answer.doing:
            worker.advance(lambda: False)
            answer = worker.obey(replace(command, run=run))
        return answer

    return look


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(png)), np.float32)


def test_verdicts_are_sorted_and_the_pages_of_a_list_join(look: Looked) -> None:
    first, second = look(JUDGE), look(replace(JUDGE, first=6))
    assert len(first.images) == len(second.images) == 6 and first.total > COUNT
    assert look(replace(JUDGE, shown=12)).images == first.images + second.images
    by_score = look(replace(JUDGE, order="highest score", of="generated"))
    assert by_score.total == COUNT and all(each.generated for each in by_score.images)
    scores = [each.score for each in by_score.images]
    assert scores == sorted(scores, reverse=True)
    assert set(by_score.taken_for_real) == {"training", "held-out", "generated"}


def test_the_distance_of_a_pair_is_that_of_its_two_pictures(look: Looked) -> None:
    found = look(MEMORISED)
    assert [each.distance for each in found.images] == sorted(each.distance for each in found.images)
    pair = found.images[0]
    apart = (pixels(pair.png) - pixels(pair.nearest)) / 127.5
    assert pair.pixels == pytest.approx(np.sqrt(np.square(apart).mean()), rel=1e-5)
    assert (found.generated, found.total) == (COUNT, COUNT) and found.held_out > 0
    assert 0 < found.usual[1] <= found.usual[0]


def test_the_least_typical_images_have_the_likeliest_class_by_name(look: Looked) -> None:
    found = look(FAILURES)
    distances = [each.distance for each in found.images]
    assert distances == sorted(distances, reverse=True)
    assert all(each.likeliest in "0123456789" and 0.1 <= each.certainty <= 1 for each in found.images)
    unclaimed = look(replace(FAILURES, which="unclaimed"))
    assert unclaimed.total == round(unclaimed.unclaimed * COUNT)


def test_three_views_of_the_same_images_draw_them_once(look: Looked, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []
    monkeypatch.setattr(DRAWING, lambda *args: drawn.append(1) or image_batches(*args))
    for command in (JUDGE, MEMORISED, FAILURES):
        look(replace(command, seed=7))
    assert drawn == [1]


def test_an_answer_survives_the_wire(look: Looked) -> None:
    answer = look(MEMORISED)
    assert read_reply(write(answer)) == answer


@pytest.mark.parametrize("wrong", [{"shown": 0}, {"shown": 65}, {"first": -1}, {"count": 3}, {"step": 77}])
def test_what_cannot_be_shown_is_refused(wrong: dict[str, Any], look: Looked) -> None:
    with pytest.raises(GenscopeError):
        look(replace(MEMORISED, **wrong))


def test_another_set_has_no_verdicts(look: Looked) -> None:
    with pytest.raises(NothingToShow, match="Look at the failures"):
        look(replace(JUDGE, data="digits"))


def test_a_stopped_view_says_so_until_it_is_begun_again(
    run: str, worker: EvaluationWorker, look: Looked, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = replace(FAILURES, seed=8)

    def stopped_meanwhile(*args: Any) -> Any:
        worker.obey(StopLooking(run=run))
        return image_batches(*args)

    with monkeypatch.context() as patch:
        patch.setattr(DRAWING, stopped_meanwhile)
        with pytest.raises(ReadingStopped, match="drawing images"):
            look(command)
    with pytest.raises(ReadingStopped):
        worker.obey(replace(command, run=run))
    assert look(command).total == COUNT


def test_stopping_a_run_without_views_does_nothing(run: str, worker: EvaluationWorker) -> None:
    assert worker.obey(StopLooking(run=run)).run == run
