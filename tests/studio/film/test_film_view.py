"""A link shows the same picture, and invalid query parameters are ignored."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.runs.tiling import Tiling
from pipeline.studio.film.film_view import ADDRESS, FilmView, ResolvedView
from pipeline.studio.film.sample_frames import Film

STRIP = Film("20261122-140501-3fa9c2d1", (0, 50, 100, 150, 200), 64, 6400, Tiling.fitting(64, 28, 28))

views = st.builds(
    FilmView,
    step=st.none() | st.integers(0, 10**17),
    by=st.sampled_from(["step", "epoch", "images"]),
    compare=st.sampled_from(["none", "side", "wipe", "difference"]),
    other=st.none() | st.integers(0, 10**17),
    at=st.integers(0, 100),
    sample=st.none() | st.integers(1, 64),
)
hostile = (
    st.text(max_size=30) | st.integers().map(str) | st.floats().map(str) | st.sampled_from(["1e3", "٣", "²", "0x10"])
)


def test_without_query_parameters_the_newest_frame_is_shown_by_step():
    assert FilmView.read({"run": "20261122-140501-3fa9c2d1", "view": "film"}) == FilmView()
    assert FilmView().address() == {}


def test_the_query_parameters_have_fixed_names():
    address = {"step": "100", "by": "epoch", "compare": "wipe", "with": "50", "at": "30", "sample": "12"}
    view = FilmView(step=100, by="epoch", compare="wipe", other=50, at=30, sample=12)
    assert FilmView.read(address) == view
    assert view.address() == address


@given(views)
def test_writing_and_reading_an_address_are_inverse(view):
    read = FilmView.read(view.address())
    assert read.address() == view.address()
    shown, again = ResolvedView(STRIP, view), ResolvedView(STRIP, read)
    assert (shown.step, shown.sample, read.by, read.compare) == (again.step, again.sample, view.by, view.compare)
    if view.compare != "none":
        assert shown.other == again.other
    if view.compare == "wipe":
        assert read.at == view.at


@given(st.dictionaries(st.sampled_from([*ADDRESS, "run", "else"]), hostile), st.booleans())
def test_any_text_in_an_address_leads_to_an_existing_frame(address, growing):
    now = ResolvedView(STRIP, FilmView.read(address), growing)
    assert now.step in STRIP.steps and now.other in STRIP.steps
    assert now.sample is None or 1 <= now.sample <= 64
    assert 0 <= now.view.at <= 100
    assert now.view.by in ("step", "epoch", "images") and now.view.compare in ("none", "side", "wipe", "difference")
    assert FilmView.read(now.pinned(now.view).address()).address() == now.pinned(now.view).address()


@pytest.mark.parametrize("text", ["", "-1", "abc", "1.5", "NaN", "1_0", " 1", "٣", "1" * 19, "+5"])
def test_invalid_numbers_are_ignored(text):
    assert FilmView.read({"step": text, "with": text, "sample": text, "at": text}) == FilmView()


@pytest.mark.parametrize(("wanted", "shown"), [(0, 0), (74, 50), (75, 50), (76, 100), (10**17, 200)])
def test_the_nearest_stored_frame_is_shown_and_the_missing_steps_are_named(wanted, shown):
    now = ResolvedView(STRIP, FilmView(step=wanted, other=wanted, compare="side"))
    assert (now.step, now.other) == (shown, shown)
    assert now.missed == (() if wanted in STRIP.steps else (wanted, wanted))
    assert ResolvedView(STRIP, FilmView(step=0, other=wanted)).missed == ()


@pytest.mark.parametrize("sample", [0, 65, 10**17])
def test_a_sample_number_out_of_range_is_none(sample):
    assert ResolvedView(STRIP, FilmView(sample=sample)).sample is None
    assert ResolvedView(replace(STRIP, tiling=None), FilmView(sample=1)).sample is None


def test_a_link_shows_the_same_frames_when_more_are_added():
    view = ResolvedView(STRIP, FilmView(compare="wipe", sample=3)).pinned(FilmView(compare="wipe", sample=3))
    later = replace(STRIP, steps=(*STRIP.steps, 250, 300, 350, 400))
    before, after = ResolvedView(STRIP, view), ResolvedView(later, FilmView.read(view.address()))
    assert (after.step, after.other, after.sample) == (before.step, before.other, before.sample) == (200, 100, 3)


def test_a_view_of_the_newest_frame_of_a_training_run_follows_new_frames():
    now = ResolvedView(STRIP, FilmView(), growing=True)
    assert now.at(200) is None and now.at(150) == 150
    view = now.pinned(replace(now.view, by="epoch"))
    assert "step" not in view.address()
    assert ResolvedView(replace(STRIP, steps=(*STRIP.steps, 250)), view, growing=True).step == 250
    assert ResolvedView(STRIP, FilmView()).at(200) == 200
