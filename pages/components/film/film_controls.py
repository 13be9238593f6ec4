"""The choices of a film strip: which frame, counted in what, compared how and with which other one."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from pages.components.film.film_pictures import picture_to_keep
from pages.components.film.film_url import alter, current_view
from pages.components.shell import notices
from pipeline.studio.film.film_view import Showing
from pipeline.studio.film.sample_frames import Compare, Unit

UNITS: dict[Unit, str] = {"step": "Step", "epoch": "Epoch", "images": "Images seen"}
WAYS: dict[Compare, str] = {
    "none": "None",
    "side": "Side by side",
    "wipe": "Wipe",
    "difference": "Absolute difference",
}


def film_controls(now: Showing) -> None:
    """Two rows that stay where they are, and a third while frames are compared."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        _one_of("Count in", UNITS, now, "by")
        _one_of("Compare", WAYS, now, "compare")
        _download(now)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _frame("Frame", now, "step", now.step)
        _jump("Previous", ":material/chevron_left:", now, -1)
        _jump("Next", ":material/chevron_right:", now, 1)
        _jump("Newest", ":material/last_page:", now, len(now.film.steps))
    if now.view.compare != "none":
        with st.container(horizontal=True, vertical_alignment="bottom"):
            _frame("Compared with", now, "other", now.other)
            if now.view.compare == "wipe":
                _uncovered(now)


def key_of(field: str, choice: object, kind: str = "") -> str:
    """The key of the widget that is about to be drawn for a field of the view, with `choice` as what it begins with.

    A widget that stands at something else (another button, a new frame or the browser's Back has changed the view) is
    replaced by a new one, as is one of another kind. Given a value from here, the old one might still tell what it had
    before, as if its user had chosen that.
    """
    drawn: dict[str, tuple[str, int]] = st.session_state.setdefault("film_drawn", {})
    before, number = drawn.get(field, (kind, 0))
    key = f"film_{field} {kind} {number}"
    if kind != before or (key in st.session_state and st.session_state[key] != choice):
        number += 1
    drawn[field] = kind, number
    return f"film_{field} {kind} {number}"


def choose(now: Showing, field: str, key: str, meaning: Callable[[Any], Any] = lambda value: value) -> None:
    """Callback of a widget: its value, or what it means, becomes that field of the view."""
    kind, number = st.session_state.film_drawn[field]
    # The browser may still tell of a widget that has been replaced.
    if key == f"film_{field} {kind} {number}":
        alter(now, **{field: meaning(st.session_state[key])})


def _one_of(label: str, words: dict[Any, str], now: Showing, field: str) -> None:
    chosen = getattr(now.view, field)
    key = key_of(field, chosen)
    st.segmented_control(
        label,
        list(words),
        default=chosen,
        required=True,
        format_func=words.__getitem__,
        key=key,
        on_change=choose,
        args=(now, field, key),
    )


def _frame(label: str, now: Showing, field: str, step: int) -> None:
    """A slider over the kept frames; of a single one there is nothing to choose."""
    film, by = now.film, now.view.by
    if len(film.steps) == 1:
        st.caption(f"{label}: {film.label(step, by)}, the only one so far")
        return
    # A slider of its own for each unit: its labels are what the browser knows its values by.
    key = key_of(field, step, by)
    st.select_slider(
        label,
        film.steps,
        step,
        lambda kept: film.label(kept, by),
        key,
        on_change=choose,
        args=(now, field, key, now.at if field == "step" else int),
        width="stretch",
    )


def _uncovered(now: Showing) -> None:
    key = key_of("at", now.view.at)
    st.slider(
        "Uncovered", 0, 100, now.view.at, format="%d %%", key=key, on_change=choose, args=(now, "at", key), width=260
    )


def _download(now: Showing) -> None:
    way = now.view.compare
    picture = notices.attempt(picture_to_keep, now.film, (now.step, now.other), way, now.view.at)
    if picture:
        name = f"step-{now.step}" if way == "none" else f"step-{now.step}-{way}-{now.other}"
        st.download_button(
            "Download",
            picture,
            f"{now.film.run}-{name}.png",
            "image/png",
            key="film_download",
            icon=":material/download:",
            on_click="ignore",
            type="tertiary",
            help="What is shown, pixel for pixel. A grid by itself carries its workflow.",
        )


def _jump(label: str, icon: str, now: Showing, frames: int) -> None:
    """A button that goes so many frames further on, or back, as far as there are any."""
    key = f"film_{label.lower()}"
    end = now.film.beside(now.step, frames) == now.step
    st.button(label, key=key, icon=icon, on_click=_move, args=(now, frames), disabled=end)


def _move(now: Showing, frames: int) -> None:
    # From where it is by then: clicks may come faster than the page is drawn.
    here = replace(now, view=current_view(now.film.run)).step
    alter(now, step=now.at(now.film.beside(here, frames)))
