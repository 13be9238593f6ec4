"""The times of the stages, all in all."""

from collections.abc import Callable
from math import isnan

import pytest

from pipeline.runs import stage_times
from pipeline.runs.stage_times import AUGMENT, DRAW, WAIT, StageTime
from pipeline.runs.store import RunRecord, Store
from tests.runs.databases import SQLITE

DATABASES = SQLITE

NewRun = Callable[..., RunRecord]

FIRST = (StageTime("a", DRAW, 1.0, 4), StageTime("a", "loss", 2.5, 4))
SECOND = (StageTime("a", "loss", 0.5, 1), StageTime("b", "loss", 4.0, 2), StageTime("", WAIT, 1.0, 1))


def test_times_are_added_stage_by_stage_in_the_order_in_which_they_first_ran():
    assert stage_times.added(FIRST, SECOND) == (FIRST[0], StageTime("a", "loss", 3.0, 5), *SECOND[1:])
    assert stage_times.added((), FIRST) == stage_times.added(FIRST, ()) == FIRST


def test_the_share_in_data_is_that_of_drawing_and_augmenting_in_any_update():
    times = (*FIRST, *SECOND, StageTime("b", DRAW, 0.5, 1), StageTime("b", AUGMENT, 0.5, 1))
    assert stage_times.data_share(times) == 2 / 10
    assert stage_times.data_share(FIRST[1:]) == 0
    assert isnan(stage_times.data_share(()))


def test_times_are_kept_with_the_run(store: Store, new_run: NewRun):
    files = store.files(new_run().id)
    assert stage_times.load(files) == ()
    files.make()
    stage_times.save(files, FIRST)
    assert stage_times.load(files) == FIRST


@pytest.mark.parametrize("content", ["", "{}x", "[[1]]", '[["a", "b", "c", 1]]', "3"])
def test_a_file_that_cannot_be_read_counts_as_none(store: Store, new_run: NewRun, content: str):
    files = store.files(new_run().id)
    files.make()
    files.stage_times.write_text(content)
    assert stage_times.load(files) == ()
