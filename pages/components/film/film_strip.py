"""The film strip: a slider over all kept sample grids, a comparison of two of them, and one sample in detail."""

from dataclasses import replace

import streamlit as st

from pages.components.film.film_controls import film_controls
from pages.components.film.film_pictures import compared_picture, frame_picture, playing_picture
from pages.components.film.film_sample import film_sample
from pages.components.film.film_url import current_view, look_at
from pages.components.shell import notices
from pages.components.shell.page_paths import INSPECT, WORKFLOW
from pages.components.shell.pictures import picture
from pages.components.shell.state import snapshot_of, store
from pipeline.formatting import listed
from pipeline.runs.store import RunRecord
from pipeline.studio.family import family_of
from pipeline.studio.film import sample_frames
from pipeline.studio.film.film_view import FilmView, ResolvedView
from pipeline.studio.film.sample_frames import Film

WIDTH = 640
"""Maximum width of a grid in pixels, so that all of it fits on the screen."""
SECONDS = 2.0
PLAYING = "film_playing"
SPEEDS = {"Slow": 1000, "Normal": 400, "Fast": 120}
"""Milliseconds for each frame."""


def film_strip(record: RunRecord) -> None:
    """The film strip of a run. While the run trains, new frames appear automatically."""
    growing = snapshot_of(record.id).busy
    st.fragment(_film_strip, run_every=SECONDS if growing else None)(record, growing)


def _film_strip(record: RunRecord, growing: bool) -> None:
    frames = sample_frames.film(store(), record)
    if not frames.steps:
        notices.empty(
            "This run has no sample grids. If its workflow has a Sample grid node, a run draws one at its start and "
            "then every few steps. Add the node on the Workflow page and start a run.",
            WORKFLOW,
            "Go to Workflow",
        )
        return
    now = ResolvedView(frames, following(frames, growing), growing)
    film_controls(now)
    _play_controls(frames)
    if now.missed:
        gone = listed(f"{step:,}" for step in now.missed)
        st.caption(f"There is no grid of step {gone}; the nearest one is shown.")
    left, right = st.columns(2)
    with left:
        if st.session_state.get(PLAYING) == (record.id, frames.steps):
            _play(frames)
        else:
            _frame(now)
        if record.parent is not None and record.parent_step is not None:
            _forked(record.parent, record.parent_step)
    if now.view.compare != "none":
        with right:
            _comparison(now)
    with right if now.view.compare == "none" else st.container():
        film_sample(now)


def following(frames: Film, growing: bool) -> FilmView:
    """The current view. If it was at the newest frame of a run that is training, it moves on to the newest frame
    now."""
    view = current_view(frames.run)
    last = st.session_state.get("film_last_drawn")
    st.session_state.film_last_drawn = (frames.run, frames.newest)
    if growing and view.step is not None and (frames.run, view.step) == last and view.step != frames.newest:
        view = replace(view, step=None)
        look_at(frames.run, view)
    return view


def _frame(now: ResolvedView) -> None:
    png = notices.try_or_show(frame_picture, now.film, now.step, now.sample)
    if png:
        picture(png, WIDTH, f"Grid of {_images(now, now.step)} after {now.step:,} steps")
        st.caption(_place(now, now.step))


def _play(frames: Film) -> None:
    """All frames as one animation, which the browser plays by itself, once."""
    png = notices.try_or_show(playing_picture, frames, SPEEDS[st.session_state.get("film_speed", "Normal")])
    if png:
        first, last = frames.steps[0], frames.steps[-1]
        alt = f"Animation of the sample grids from step {first:,} to step {last:,}"
        picture(png, WIDTH, alt)
        st.caption(f"Plays step {first:,} to step {last:,} once. Stop returns to the chosen frame.")


def _play_controls(frames: Film) -> None:
    """Play or Stop, and the speed; nothing for a single frame."""
    if len(frames.steps) < 2:
        return
    playing = st.session_state.get(PLAYING) == (frames.run, frames.steps)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Stop" if playing else "Play",
            key="film_play",
            icon=":material/stop:" if playing else ":material/play_arrow:",
            width=110,
            help="Show all frames one after the other, once.",
            on_click=_toggle,
            args=(frames, playing),
        )
        st.segmented_control(
            "Speed", list(SPEEDS), default="Normal", required=True, key="film_speed", label_visibility="collapsed"
        )


def _toggle(frames: Film, playing: bool) -> None:
    st.session_state[PLAYING] = None if playing else (frames.run, frames.steps)


def _forked(parent: str, step: int) -> None:
    st.page_link(
        INSPECT,
        label=f"Frames before step {step:,} are the parent's: see the run that this one was forked from",
        icon=":material/call_split:",
        query_params={"run": parent, "view": "film", "step": str(step)},
    )


def _comparison(now: ResolvedView) -> None:
    first, second, view = now.step, now.other, now.view
    png = notices.try_or_show(compared_picture, now.film, (first, second), view.compare, view.at, now.sample)
    if not png:
        return
    here, there = now.film.label(first, view.by), now.film.label(second, view.by)
    caption = {
        "side": _place(now, second),
        "wipe": f"Left of the line: {there}; right of it: {here}",
        "difference": f"Black: the same at {here} and {there}. White: black became white or white became black.",
    }[view.compare]
    alt = {
        "side": f"Grid of {_images(now, second)} after {second:,} steps",
        "wipe": f"Left {view.at} %: the grid after {second:,} steps; the rest: the grid after {first:,} steps",
        "difference": f"Absolute difference of the grids after {first:,} and {second:,} steps",
    }[view.compare]
    picture(png, WIDTH, alt)
    st.caption(caption)


def _place(now: ResolvedView, step: int) -> str:
    film = now.film
    made = " · reconstructions of held-out images" if _images(now, step) == "reconstructions" else ""
    if step in film.earlier:
        return f"Step {step:,}{made} · drawn by the parent, run {film.owner(step)}, before the fork"
    return f"Step {step:,}{made} · {film.label(step, 'epoch')} · {film.label(step, 'images')} seen"


def _images(now: ResolvedView, step: int) -> str:
    """What the frame of this step shows."""
    owner = store().run(now.film.owner(step))
    shown = family_of(owner.workflow_text, owner.data_text).grid_at(step)
    return "reconstructions" if shown == "reconstructions" else "generated images"
