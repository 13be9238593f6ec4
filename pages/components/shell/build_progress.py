"""Show the progress of preparing a run, with a button that stops it."""

from concurrent.futures import Future, wait
from typing import Any

import streamlit as st

from pages.components.shell import notices
from pages.components.shell.state import trainer
from pages.components.shell.streamlit_gaps import escape
from pipeline.studio.run import training

SOON = 0.7
"""Seconds. Most runs are ready within this time, and no progress is shown."""

LOOK_SECONDS = 0.3


def wait_for(answer: Future[Any]) -> None:
    """Wait for the engine's answer and show what it is doing."""
    with st.spinner("Preparing the run"):
        wait([answer], SOON)
    if answer.done():
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        line = st.empty()
        _stop_button("stop_preparing")
    while not answer.done():
        # Drawing also gives Streamlit a chance to handle a click.
        line.markdown(f":material/hourglass_top: {_doing()}", width="content")
        wait([answer], LOOK_SECONDS)


def show_preparing() -> None:
    """Show the same progress in other browsers."""
    if trainer().snapshot.state == "building":
        st.fragment(_line, run_every=1.0)()


def _line() -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/hourglass_top: {_doing()}", width="content")
        _stop_button("stop_preparing_here")


def _doing() -> str:
    snapshot = trainer().snapshot
    doing = snapshot.doing if snapshot.state == "building" and snapshot.doing else "Preparing the run"
    return escape(f"{doing} (started by {snapshot.who})" if snapshot.who else doing)


def _stop_button(key: str) -> None:
    st.button(
        "Stop preparing",
        key=key,
        icon=":material/stop:",
        help="Do not start the run. Images read so far are discarded.",
        on_click=notices.run_command,
        args=(training.stop_preparing, trainer()),
    )
