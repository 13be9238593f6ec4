"""One sample of a film strip: enlarged, over all of training, and beside the real images that are nearest to it."""

from dataclasses import replace

import streamlit as st

from pages.components import notices
from pages.components.film_controls import bound
from pages.components.film_pictures import sample_neighbours, sample_picture
from pipeline.studio import pictures
from pipeline.studio.film import Film, Unit
from pipeline.studio.film_link import Showing

ENLARGED, SMALL = 168, 76
"""Pixels of width."""
HISTORY = 8


def film_sample(now: Showing) -> None:
    """The field to pick a sample, and what there is to see of the picked one."""
    film, pinned = now.film, now.pinned
    st.subheader("One sample", anchor=False)
    if not film.samples:
        st.caption("How samples lie in this grid is not known: its workflow has nodes that are no more.")
        return
    _, chose = bound(film.run, "film_sample", now.sample, lambda sample: replace(pinned, sample=sample))
    st.number_input(
        "Sample",
        1,
        film.samples,
        None,
        key="film_sample",
        on_change=chose,
        placeholder=f"1 to {film.samples}",
        width=150,
        help="Counted row by row from the top left.",
    )
    if now.sample is None:
        st.caption("Pick a sample to see it enlarged, how it came about, and the real images nearest to it.")
        return
    _enlarged(film, now.view.by, now.step, now.sample)
    _history(film, now.view.by, now.sample)
    _neighbours(film, now.step, now.sample)


def _enlarged(film: Film, by: Unit, step: int, sample: int) -> None:
    if picture := notices.attempt(sample_picture, film, step, sample, ENLARGED):
        st.image(picture, width=ENLARGED, output_format="PNG", alt=f"Sample {sample} enlarged")
        st.caption(f"Sample {sample} at {film.label(step, by)}")


def _history(film: Film, by: Unit, sample: int) -> None:
    st.markdown("**Over training**")
    steps = film.spread(HISTORY)
    found = [notices.attempt(sample_picture, film, step, sample, SMALL) for step in steps]
    drawn = [(step, picture) for step, picture in zip(steps, found, strict=True) if picture]
    st.image(
        [picture for _, picture in drawn],
        caption=[film.figure(step, by) for step, _ in drawn],
        width=SMALL,
        output_format="PNG",
        alt=[f"Sample {sample} at {film.label(step, by)}" for step, _ in drawn],
    )


def _neighbours(film: Film, step: int, sample: int) -> None:
    st.markdown("**Nearest real images**")
    with st.spinner("Looking through the training images"):
        near = notices.attempt(sample_neighbours, film, step, sample)
    if near is None:
        return
    st.image(
        [pictures.grown_png(each.png, SMALL) for each in near.found],
        caption=[f"{each.distance:.2f}" for each in near.found],
        width=SMALL,
        output_format="PNG",
        alt=[f"Real image at distance {each.distance:.2f}" for each in near.found],
    )
    usual = f" Held-out real images lie {near.usual:.2f} from their nearest." if near.usual is not None else ""
    st.caption(
        f"Distance: root mean square difference of the pixel values, which lie in [−1, 1]; 0 is a copy.{usual} "
        "A sample much closer than that to one training image may be memorised."
    )
