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
    return _frame(frames.run, step, frames.tiling, sample, sample_frames.saved(store(), frames.run, step))


def compared_picture(frames: Film, steps: tuple[int, int], how: Compare, at: int, sample: int | None) -> bytes:
    """Two frames compared, for the screen. Raises UnknownGrid, BrokenGrid."""
    saved = tuple(sample_frames.saved(store(), frames.run, step) for step in steps)
    return _compared(frames.run, steps, how, at, frames.tiling, sample, saved)


def picture_to_keep(frames: Film, steps: tuple[int, int], how: Compare, at: int) -> bytes:
    """The picture to download; without a comparison, the stored PNG of the grid. Raises UnknownGrid, BrokenGrid."""
    if how == "none":
        return film_pictures.original_png(store(), frames.run, steps[0])
    saved = tuple(sample_frames.saved(store(), frames.run, step) for step in steps)
    return _to_keep(frames.run, steps, how, at, saved)


def sample_picture(frames: Film, step: int, number: int, width: int) -> bytes:
    """One sample of a frame, enlarged. The film's tiling must be known. Raises UnknownGrid, BrokenGrid."""
    assert frames.tiling is not None
    return _sample(frames.run, step, frames.tiling, number, width, sample_frames.saved(store(), frames.run, step))


def sample_neighbours(frames: Film, step: int, number: int) -> NearestImages:
    """The real images nearest to a sample. Raises UnknownGrid, and what `sampling.neighbours` raises."""
    return _neighbours(frames.run, step, number, sample_frames.saved(store(), frames.run, step))


@st.cache_data(show_spinner=False, max_entries=200)
def _frame(run: str, step: int, tiling: Tiling | None, sample: int | None, saved: float) -> bytes:
    return film_pictures.frame(store(), run, step, tiling, sample)


@st.cache_data(show_spinner=False, max_entries=200)
def _compared(
    run: str,
    steps: tuple[int, int],
    how: Compare,
    at: int,
    tiling: Tiling | None,
    sample: int | None,
    saved: tuple[float, ...],
) -> bytes:
    return film_pictures.comparison(store(), run, steps, how, at, tiling, sample)


@st.cache_data(show_spinner=False, max_entries=100)
def _to_keep(run: str, steps: tuple[int, int], how: Compare, at: int, saved: tuple[float, ...]) -> bytes:
    return film_pictures.comparison_download(store(), run, steps, how, at)


@st.cache_data(show_spinner=False, max_entries=1000)
def _sample(run: str, step: int, tiling: Tiling, number: int, width: int, saved: float) -> bytes:
    return film_pictures.sample_png(store(), run, step, tiling, number, width)


@st.cache_data(show_spinner=False, max_entries=500)
def _neighbours(run: str, step: int, number: int, saved: float) -> NearestImages:
    return sampling.neighbours(drawing_engine(), run, step, number, NEIGHBOURS)
