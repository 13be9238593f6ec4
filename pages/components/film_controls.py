"""The choices of a film strip: which frame, counted in what, compared how and with which other one."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import streamlit as st

from pages.components import notices
from pages.components.film_address import look_at
from pages.components.film_pictures import picture_to_keep
from pipeline.studio.film import Compare, Film, Unit
from pipeline.studio.film_link import FilmView, Showing

Choice = TypeVar("Choice")

UNITS: dict[Unit, str] = {"step": "Step", "epoch": "Epoch", "images": "Images seen"}
WAYS: dict[Compare, str] = {
    "none": "None",
    "side": "Side by side",
    "wipe": "Wipe",
    "difference": "Absolute difference",
}


def film_controls(now: Showing) -> None:
    """Two rows that stay where they are, and a third while frames are compared."""
    film, view, pinned = now.film, now.view, now.pinned
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        _one_of("Count in", UNITS, view.by, film.run, "by", lambda by: replace(pinned, by=by))
        _one_of("Compare", WAYS, view.compare, film.run, "compare", lambda way: replace(pinned, compare=way))
        _download(now)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _frame("Frame", film, view.by, now.step, "step", now.to)
        before, after = film.beside(now.step, -1), film.beside(now.step, 1)
        _jump("Previous", ":material/chevron_left:", now, before)
        _jump("Next", ":material/chevron_right:", now, after)
        _jump("Newest", ":material/last_page:", now, film.newest)
    if view.compare != "none":
        with st.container(horizontal=True, vertical_alignment="bottom"):
            _frame("Compared with", film, view.by, now.other, "other", lambda step: replace(pinned, other=step))
            if view.compare == "wipe":
                _uncovered(film.run, view.at, lambda share: replace(pinned, at=share))


def key_of(name: str, choice: object) -> str:
    """The key under which a widget is drawn, with `choice` as what it begins with.

    A widget that stands at something else (another button, a new frame or the browser's Back has changed the view) is
    replaced by a new one: given a value from here, the old one might still tell what it had before, as if its user had
    chosen that.
    """
    number = st.session_state.setdefault(f"film_{name}_number", 0)
    key = f"film_{name} {number}"
    if key in st.session_state and st.session_state[key] != choice:
        st.session_state[f"film_{name}_number"] = number + 1
        return f"film_{name} {number + 1}"
    return key


def choose(run: str, key: str, then: Callable[[Any], FilmView]) -> None:
    """Callback of a widget: looks at what `then` makes of the value chosen in it."""
    look_at(run, then(st.session_state[key]))


def _one_of(
    label: str, words: dict[Choice, str], chosen: Choice, run: str, name: str, then: Callable[[Choice], FilmView]
) -> None:
    key = key_of(name, chosen)
    st.segmented_control(
        label,
        list(words),
        default=chosen,
        required=True,
        format_func=words.__getitem__,
        key=key,
        on_change=choose,
        args=(run, key, then),
    )


def _frame(label: str, film: Film, by: Unit, step: int, name: str, then: Callable[[int], FilmView]) -> None:
    """A slider over the kept frames; of a single one there is nothing to choose."""
    if len(film.steps) == 1:
        st.caption(f"{label}: {film.label(step, by)}, the only one so far")
        return
    # A slider of its own for each unit: its labels are what the browser knows its values by.
    key = key_of(f"{name}_{by}", step)
    st.select_slider(
        label,
        film.steps,
        step,
        lambda kept: film.label(kept, by),
        key,
        on_change=choose,
        args=(film.run, key, then),
        width="stretch",
    )


def _uncovered(run: str, share: int, then: Callable[[int], FilmView]) -> None:
    key = key_of("at", share)
    st.slider("Uncovered", 0, 100, share, format="%d %%", key=key, on_change=choose, args=(run, key, then), width=260)


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


def _jump(label: str, icon: str, now: Showing, step: int) -> None:
    st.button(
        label,
        key=f"film_{label.lower()}",
        icon=icon,
        on_click=look_at,
        args=(now.film.run, now.to(step)),
        disabled=step == now.step,
    )
