"""The frames of a run: their positions, the nearest one, and a selection from many."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline.errors.runs import UnknownGrid, UnknownRun
from pipeline.graph import document
from pipeline.runs.store import RunRecord, Store
from pipeline.runs.tiling import Tiling
from pipeline.studio import workflows
from pipeline.studio.film import sample_frames
from pipeline.studio.film.sample_frames import Film

NewRun = Callable[..., RunRecord]
UNITS = ("step", "epoch", "images")
frames = st.lists(st.integers(0, 10**7), min_size=1, max_size=40, unique=True).map(sorted).map(tuple)


def a_film(steps: tuple[int, ...] = (0, 50, 100, 150), batch_size: int = 64, train_images: int = 6400) -> Film:
    return Film("20261122-140501-3fa9c2d1", steps, batch_size, train_images, None)


def test_the_frames_of_a_run_are_its_stored_grids(store: Store, new_run: NewRun) -> None:
    text = document.write(workflows.open_template("mlp-gan"))
    run = new_run(workflow_text=text)
    assert sample_frames.film(store, run).steps == ()
    for step in (100, 0, 50):
        store.files(run.id).save_grid(step, b"a grid")
    kept = sample_frames.film(store, run)
    assert (kept.steps, kept.newest, kept.samples) == ((0, 50, 100), 100, 64)
    assert kept.tiling == Tiling.fitting(64, 28, 28)


@pytest.mark.parametrize("text", ['{"prompt": {}}', "no JSON at all", '{"prompt": {"a": {"class_type": "Gone"}}}'])
def test_with_an_unreadable_workflow_there_are_frames_but_no_samples(store: Store, new_run: NewRun, text: str) -> None:
    run = new_run(workflow_text=text)
    store.files(run.id).save_grid(0, b"a grid")
    kept = sample_frames.film(store, run)
    assert (kept.steps, kept.tiling, kept.samples) == ((0,), None, 0)


def test_a_replaced_frame_is_recognised_by_the_time_it_was_saved(store: Store, new_run: NewRun) -> None:
    run = new_run()
    path = store.files(run.id).save_grid(50, b"a grid")
    assert sample_frames.saved(store, run.id, 50) == path.stat().st_mtime
    with pytest.raises(UnknownGrid):
        sample_frames.saved(store, run.id, 51)
    with pytest.raises(UnknownRun):
        sample_frames.saved(store, "../..", 50)


@pytest.mark.parametrize(("by", "place", "words"), [
    ("step", 1250, "step 1,250"), ("epoch", 12.5, "epoch 12.5"), ("images", 80000, "80,000 images"),
])  # fmt: skip
def test_the_position_of_a_step_in_steps_epochs_or_images(by: sample_frames.Unit, place: float, words: str) -> None:
    strip = a_film((0, 50, 1250))
    assert strip.place(1250, by) == place
    assert strip.label(1250, by) == words
    assert strip.figure(1250, by) in words


@given(frames, st.integers(1, 4096), st.integers(1, 100_000), st.sampled_from(UNITS))
def test_no_two_frames_have_the_same_label(
    steps: tuple[int, ...], batch_size: int, train_images: int, by: sample_frames.Unit
) -> None:
    strip = a_film(steps, batch_size, train_images)
    assert len({strip.label(step, by) for step in steps}) == len(steps)


@given(frames, st.integers(0, 10**18))
def test_the_nearest_frame_equals_that_of_a_full_search(steps: tuple[int, ...], wanted: int) -> None:
    assert a_film(steps).nearest(wanted) == min(steps, key=lambda step: (abs(step - wanted), step))


@given(frames, st.data(), st.integers(-100, 100))
def test_moving_by_frames_stops_at_the_first_and_last(steps: tuple[int, ...], data: st.DataObject, count: int) -> None:
    place = data.draw(st.integers(0, len(steps) - 1))
    assert a_film(steps).beside(steps[place], count) == steps[max(0, min(len(steps) - 1, place + count))]


@given(frames, st.integers(2, 12))
def test_a_spread_is_even_and_has_both_ends(steps: tuple[int, ...], count: int) -> None:
    spread = a_film(steps).spread(count)
    assert len(set(spread)) == len(spread) == min(count, len(steps))
    assert (spread[0], spread[-1]) == (steps[0], steps[-1])
    assume(len(steps) > count)
    gaps = [steps.index(after) - steps.index(before) for before, after in pairwise(spread)]
    assert max(gaps) - min(gaps) <= 1
