"""Hints about the health of a run, with links to the parameters that may help."""

from collections.abc import Sequence

import streamlit as st

from pages.components.shell.page_paths import WORKFLOW
from pages.components.shell.state import snapshot_of, store
from pages.components.shell.streamlit_gaps import escape
from pipeline.studio import health
from pipeline.studio.health import ShownHint, SuggestedParameter

HEIGHT = 240
"""Fixed, so that nothing below moves when a hint appears or disappears."""

SEVERITIES = {
    "critical": ":red[:material/error:] **Critical**",
    "warning": ":orange[:material/warning:] **Warning**",
    "info": ":blue[:material/info:] **Note**",
}


def hints(run: str) -> None:
    """The run's hints, most severe first, or one line that says there are none."""
    snapshot = snapshot_of(run)
    # A run that is not busy is judged once; while it is, browsers share the hints for a second.
    steps, found = _judged(run, None if snapshot.busy else (snapshot.mark, snapshot.step))
    st.subheader("Health", anchor=False)
    with st.container(height=HEIGHT, border=True, key="hints"):
        st.caption(_summary(steps, len(found)))
        for hint in found:
            _draw(run, hint)


def _summary(steps: int, count: int) -> str:
    if count:
        return f"{count} {'hints, the most severe first' if count > 1 else 'hint'}."
    if steps:
        return f":green[:material/check_circle:] No hints from the last {steps:,} steps."
    return "Hints appear after enough steps to judge the run by."


@st.cache_resource(show_spinner=False, ttl=1.0, max_entries=20)
def _judged(run: str, still: object) -> tuple[int, tuple[ShownHint, ...]]:
    """still: identifies the state of a run that is not busy, so that each state is judged; None while it is busy."""
    record = store().run(run)
    return health.steps_judged(record), health.hints(store(), record)


def _draw(run: str, hint: ShownHint) -> None:
    st.markdown(f"{SEVERITIES[hint.severity]} · {escape(hint.text)} {escape(hint.remedy)}")
    _ways(run, "Live parameters:", [lever for lever in hint.suggestions if lever.live])
    _ways(run, "In a new run or a fork:", [lever for lever in hint.suggestions if not lever.live])


def _ways(run: str, where: str, suggestions: Sequence[SuggestedParameter]) -> None:
    """For each parameter, a link to its node in the run's workflow."""
    if suggestions:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(where, width="content")
            for lever in suggestions:
                label = f"{escape(lever.node_title)} · {escape(lever.label)}"
                address = {"run": run, "node": lever.node}
                st.page_link(WORKFLOW, label=label, icon=":material/tune:", query_params=address)
