"""One sample of the film strip: enlarged, over the course of training, and with its nearest real images."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.film.film_controls import choose, key_of
from pages.components.film.film_pictures import sample_neighbours, sample_picture
from pages.components.shell import notices
from pipeline.studio.film import film_pictures
from pipeline.studio.film.film_view import ResolvedView
from pipeline.studio.film.sample_frames import Film, Unit

ENLARGED, SMALL = 168, 84
"""Widths in pixels."""
HISTORY = 8
COUNTED: dict[Unit, str] = {"step": "step", "epoch": "epoch", "images": "images seen"}


def film_sample(now: ResolvedView) -> None:
    """The field to pick a sample, and the pictures of the picked one."""
    film = now.film
    st.subheader("One sample", anchor=False)
    if not film.samples:
        st.caption(
            "Samples cannot be picked: the layout of this grid is unknown, because its workflow has unknown node types."
        )
        return
    with st.container(horizontal=True):
        with st.container(width=160):
            _pick(now)
        if now.sample is not None:
            _enlarged(film, now.step, now.sample)
    if now.sample is not None:
        # Next to the grid, four fit into a row on any screen.
        with st.container(width=400 if now.view.compare == "none" else "stretch"):
            _history(film, now.view.by, now.sample)
            _neighbours(film, now.step, now.sample)


def _pick(now: ResolvedView) -> None:
    """The field for the sample's number. 0 means none: a field that can be empty does not always show its initial value
    from the address."""
    film = now.film
    key = key_of("sample", now.sample or 0)
    st.number_input(
        "Sample",
        0,
        film.samples,
        now.sample or 0,
        key=key,
        on_change=choose,
        args=(now, "sample", key, lambda sample: sample or None),
        help="Counted from 1, row by row from the top left; 0 for none.",
    )
    if now.sample is None:
        st.caption(
            f"Pick one, 1 to {film.samples}, to see it enlarged, over training, and with its nearest real images."
        )
    else:
        st.caption(f"Sample {now.sample} of {film.samples} at {film.label(now.step, now.view.by)}")


def _enlarged(film: Film, step: int, sample: int) -> None:
    if picture := notices.try_or_show(sample_picture, film, step, sample, ENLARGED):
        st.image(picture, width=ENLARGED, output_format="PNG", alt=f"Sample {sample} after {step:,} steps, enlarged")


def _history(film: Film, by: Unit, sample: int) -> None:
    st.markdown(f"**Over training**, by {COUNTED[by]}")
    with _row():
        for step in film.spread(HISTORY):
            if picture := notices.try_or_show(sample_picture, film, step, sample, SMALL):
                _small(picture, film.figure(step, by), f"Sample {sample} after {step:,} steps")


def _neighbours(film: Film, step: int, sample: int) -> None:
    st.markdown("**Nearest real images**, with their distance")
    with st.spinner("Searching the training images"):
        nearest = notices.try_or_show(sample_neighbours, film, step, sample)
    if nearest is None:
        return
    with _row():
        for each in nearest.found:
            distance = f"{each.distance:.2f}"
            _small(film_pictures.enlarged_png(each.png, SMALL), distance, f"Real training image at distance {distance}")
    usual = f" For held-out images the median is {nearest.usual:.2f}." if nearest.usual is not None else ""
    st.caption(
        f"Distance: root mean square difference of the pixel values, which are in [−1, 1]; 0 is a copy.{usual} "
        "A sample much closer than that to one training image may be memorised."
    )


def _row() -> DeltaGenerator:
    return st.container(horizontal=True, gap="small")


def _small(picture: bytes, caption: str, alt: str) -> None:
    st.image(picture, caption, SMALL, output_format="PNG", alt=alt)
