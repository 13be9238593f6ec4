"""The controls of the film strip: the frame, the unit that frames are counted in, and the comparison."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from pages.components.film.film_pictures import picture_to_keep
from pages.components.film.film_url import alter, current_view
from pages.components.shell import notices
from pipeline.studio.film.film_view import ResolvedView
from pipeline.studio.film.sample_frames import Compare, Unit

UNITS: dict[Unit, str] = {"step": "Step", "epoch": "Epoch", "images": "Images seen"}
WAYS: dict[Compare, str] = {
    "none": "None",
    "side": "Side by side",
    "wipe": "Wipe",
    "difference": "Absolute difference",
}


def film_controls(now: ResolvedView) -> None:
    """Two fixed rows, and a third row while two frames are compared."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        _one_of("Count frames in", UNITS, now, "by")
        _one_of("Compare", WAYS, now, "compare")
        _download(now)
    frame_slider("Frame", now)
    if now.view.compare != "none":
        with st.container(horizontal=True, vertical_alignment="bottom"):
            _frame("Compared with", now, "other", now.other)
            if now.view.compare == "wipe":
                _uncovered(now)


def frame_slider(label: str, now: ResolvedView) -> None:
    """A row with the slider over the frames, and buttons that move it."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _frame(label, now, "step", now.step)
        _jump("Previous", ":material/chevron_left:", now, -1)
        _jump("Next", ":material/chevron_right:", now, 1)
        _jump("Newest", ":material/last_page:", now, len(now.film.steps))


def key_of(field: str, choice: object, kind: str = "") -> str:
    """Return the key for the widget of a field of the view, whose initial value is `choice`.

    A widget with another value (because a button, a new frame or the browser's Back changed the view) or of another
    kind is replaced by a new one. If we set its value instead, the browser might still report the old value as the
    user's choice.
    """
    drawn: dict[str, tuple[str, int]] = st.session_state.setdefault("film_drawn", {})
    before, number = drawn.get(field, (kind, 0))
    key = f"film_{field} {kind} {number}"
    if kind != before or (key in st.session_state and st.session_state[key] != choice):
        number += 1
    drawn[field] = kind, number
    return f"film_{field} {kind} {number}"


def choose(now: ResolvedView, field: str, key: str, meaning: Callable[[Any], Any] = lambda value: value) -> None:
    """Callback of a widget: set the field of the view to `meaning(value)`."""
    kind, number = st.session_state.film_drawn[field]
    # The browser may still report a widget that has been replaced.
    if key == f"film_{field} {kind} {number}":
        alter(now, **{field: meaning(st.session_state[key])})


def _one_of(label: str, words: dict[Any, str], now: ResolvedView, field: str) -> None:
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


def _frame(label: str, now: ResolvedView, field: str, step: int) -> None:
    """A slider over the kept frames, or a caption if there is only one."""
    film, by = now.film, now.view.by
    if len(film.steps) == 1:
        st.caption(f"{label}: {film.label(step, by)}, the only one so far")
        return
    # A separate slider for each unit, because the browser identifies the values by their labels.
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


def _uncovered(now: ResolvedView) -> None:
    key = key_of("at", now.view.at)
    st.slider(
        "Uncovered", 0, 100, now.view.at, format="%d %%", key=key, on_change=choose, args=(now, "at", key), width=260
    )


def _download(now: ResolvedView) -> None:
    way = now.view.compare
    picture = notices.try_or_show(picture_to_keep, now.film, (now.step, now.other), way, now.view.at)
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
            help="The picture as shown, pixel for pixel. A single grid also contains its workflow.",
        )


def _jump(label: str, icon: str, now: ResolvedView, frames: int) -> None:
    """A button that moves by this many frames (negative: back), at most to the first or last one."""
    key = f"film_{label.lower()}"
    end = now.film.beside(now.step, frames) == now.step
    st.button(label, key=key, icon=icon, on_click=_move, args=(now, frames), disabled=end)


def _move(now: ResolvedView, frames: int) -> None:
    # Start from the current view, because clicks may arrive faster than the page is drawn.
    here = replace(now, view=current_view(now.film.run)).step
    alter(now, step=now.at(now.film.beside(here, frames)))
