"""The pictures of the film strip, cached for all browsers.

A frame is identified by its run, its step and the time it was saved, because a resumed run may draw a frame again.
"""

import streamlit as st

from pages.components.shell.state import drawing_engine, store
from pipeline.runs.tiling import Tiling
from pipeline.runtime.messages.answers import NearestImages
from pipeline.studio import sampling
from pipeline.studio.film import film_pictures, sample_frames
from pipeline.studio.film.sample_frames import Compare, Film

NEIGHBOURS = 8


def frame_picture(frames: Film, step: int, sample: int | None) -> bytes:
    """The frame for the screen, with the sample marked. Raises UnknownGrid, BrokenGrid."""
    run = frames.owner(step)
    return _frame(run, step, frames.tiling, sample, sample_frames.saved(store(), run, step))


def compared_picture(frames: Film, steps: tuple[int, int], how: Compare, at: int, sample: int | None) -> bytes:
    """Two frames compared, for the screen. Raises UnknownGrid, BrokenGrid."""
    runs = (frames.owner(steps[0]), frames.owner(steps[1]))
    saved = tuple(sample_frames.saved(store(), run, step) for run, step in zip(runs, steps, strict=True))
    return _compared(runs, steps, how, at, frames.tiling, sample, saved)


def picture_to_keep(frames: Film, steps: tuple[int, int], how: Compare, at: int) -> bytes:
    """The picture to download; without a comparison, the stored PNG of the grid. Raises UnknownGrid, BrokenGrid."""
    if how == "none":
        return film_pictures.original_png(store(), frames.owner(steps[0]), steps[0])
    runs = (frames.owner(steps[0]), frames.owner(steps[1]))
    saved = tuple(sample_frames.saved(store(), run, step) for run, step in zip(runs, steps, strict=True))
    return _to_keep(runs, steps, how, at, saved)


def sample_picture(frames: Film, step: int, number: int, width: int) -> bytes:
    """One sample of a frame, enlarged. The film's tiling must be known. Raises UnknownGrid, BrokenGrid."""
    assert frames.tiling is not None
    run = frames.owner(step)
    return _sample(run, step, frames.tiling, number, width, sample_frames.saved(store(), run, step))


def sample_neighbours(frames: Film, step: int, number: int) -> NearestImages:
    """The real images nearest to a sample. Raises UnknownGrid, and what `sampling.neighbours` raises."""
    run = frames.owner(step)
    return _neighbours(run, step, number, sample_frames.saved(store(), run, step))


def playing_picture(frames: Film, milliseconds: int) -> bytes:
    """All frames as one animation that plays once. Raises UnknownGrid, BrokenGrid."""
    shown = tuple((frames.owner(step), step) for step in frames.spread(film_pictures.MOST_PLAYED))
    saved = tuple(sample_frames.saved(store(), run, step) for run, step in shown)
    return _playing(shown, milliseconds, saved)


@st.cache_data(show_spinner=False, max_entries=200)
def _frame(run: str, step: int, tiling: Tiling | None, sample: int | None, saved: float) -> bytes:
    return film_pictures.frame(store(), run, step, tiling, sample)


@st.cache_data(show_spinner=False, max_entries=200)
def _compared(
    runs: tuple[str, str],
    steps: tuple[int, int],
    how: Compare,
    at: int,
    tiling: Tiling | None,
    sample: int | None,
    saved: tuple[float, ...],
) -> bytes:
    return film_pictures.comparison(store(), runs, steps, how, at, tiling, sample)


@st.cache_data(show_spinner=False, max_entries=100)
def _to_keep(runs: tuple[str, str], steps: tuple[int, int], how: Compare, at: int, saved: tuple[float, ...]) -> bytes:
    return film_pictures.comparison_download(store(), runs, steps, how, at)


@st.cache_data(show_spinner=False, max_entries=1000)
def _sample(run: str, step: int, tiling: Tiling, number: int, width: int, saved: float) -> bytes:
    return film_pictures.sample_png(store(), run, step, tiling, number, width)


@st.cache_data(show_spinner=False, max_entries=500)
def _neighbours(run: str, step: int, number: int, saved: float) -> NearestImages:
    return sampling.neighbours(drawing_engine(), run, step, number, NEIGHBOURS)


@st.cache_data(show_spinner=False, max_entries=8)
def _playing(shown: tuple[tuple[str, int], ...], milliseconds: int, saved: tuple[float, ...]) -> bytes:
    return film_pictures.animation(store(), shown, milliseconds)
