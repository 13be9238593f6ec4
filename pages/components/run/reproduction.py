"""Reproduce: the button that starts a run again from its record, and the line that says whether both agree."""

from functools import partial

import streamlit as st

from pages.components.shell.starting import request_start
from pages.components.shell.state import store, trainer, user_name
from pages.components.shell.streamlit_gaps import escape
from pipeline.formatting import listed
from pipeline.runs.store import RunRecord
from pipeline.studio.run.reproduce import differences_here, reproduce, reproduction

KNOWN = "compared reproduction"
"""The key of what this browser has compared already; None for a run that reproduces none."""


def reproduce_button(record: RunRecord) -> None:
    """The button; its help says beforehand what is not as it was."""
    differences = differences_here(store(), record)
    trained = record.step > (record.parent_step or 0)
    others = f" Not as it was: {escape(listed(differences))}." if differences else ""
    st.button(
        "Reproduce",
        key="reproduce",
        icon=":material/repeat:",
        disabled=not trained,
        help=f"Start this run again from its record, as a new run, and compare the losses step by step.{others}"
        if trained
        else "It has not trained a step yet.",
        on_click=request_start,
        args=(partial(reproduce, trainer(), record.id, user_name()),),
    )


def reproduction_line(run: str) -> None:
    """What a run reproduces, and at which step the two first differ; nothing for other runs."""
    # An event, such as a resume, may mean that steps are trained again.
    mark = (run, store().event_count(run))
    before, known = st.session_state.get(KNOWN, (None, None))
    if before == mark and known is None:
        return
    found = reproduction(store(), run, known if before == mark else None)
    st.session_state[KNOWN] = (mark, found)
    if found is None:
        return
    sentence = escape(found.sentence)
    if found.agreement.difference is None:
        st.caption(f":material/repeat: {sentence}")
    else:
        st.warning(sentence, icon=":material/repeat:")
