"""The evaluation of a run that is under way: how far it is, the time left, and a button that stops it."""

import streamlit as st

from pages.components.shell import notices
from pages.components.shell.state import evaluation_engine
from pages.components.shell.streamlit_gaps import escape
from pipeline.formatting import remaining
from pipeline.runtime.messages.snapshot import EvaluationProgress
from pipeline.studio.evaluation import evaluating

LOOK_SECONDS = 0.5
TELLING = 0.08
"""Share of the work after which its time says how long the rest takes."""


def under_way(run: str) -> EvaluationProgress | None:
    """The evaluation of a run that waits, works or has failed."""
    return evaluation_engine().progress_of(run)


def show_progress(run: str) -> None:
    """Show it until it ends, and then draw the page again; or say why it ended without its result."""
    found = under_way(run)
    if found is None:
        return
    if found.error:
        _failed(run, found)
    else:
        st.fragment(_progress, run_every=LOOK_SECONDS)(run)


def _progress(run: str) -> None:
    found = under_way(run)
    if found is None or found.error:
        st.rerun()
    left = ""
    if found.share > TELLING:
        left = f" · {remaining(found.seconds * (1 - found.share) / found.share)} left"
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.progress(found.share, text=escape(f"{found.doing}{left}"))
        st.button(
            "Stop",
            key="stop_evaluation",
            icon=":material/stop:",
            help="What has been measured is kept.",
            on_click=notices.run_command,
            args=(evaluating.stop, evaluation_engine(), run),
        )


def _failed(run: str, found: EvaluationProgress) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if found.stopped:
            st.info(escape(found.error), icon=":material/info:")
        else:
            st.error(escape(found.error), icon=":material/error:")
        st.button(
            "Dismiss",
            key="dismiss_evaluation",
            on_click=notices.run_command,
            args=(evaluating.stop, evaluation_engine(), run),
        )
