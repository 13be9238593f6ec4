"""Hints about the health of a run, with links to the parameters that may help."""

from collections.abc import Sequence

import streamlit as st

from pages.components.shell.page_paths import TRAIN, WORKFLOW
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


ICONS = {"critical": ":material/error:", "warning": ":material/warning:", "info": ":material/info:"}


def health_badge(run: str) -> None:
    """One line: how many hints there are and the worst of them, with a link to all of them on the Train page."""
    steps, found = _judgement(run)
    if found:
        count = f"{len(found)} hint{'s' if len(found) > 1 else ''}"
        st.page_link(
            TRAIN,
            label=f"{count}: {escape(found[0].headline)}",
            icon=ICONS[found[0].severity],
            help="Show the hints on the health of this run.",
            query_params={"run": run},
        )
    elif steps:
        st.caption(":green[:material/check_circle:] No hints", width="content")
    else:
        st.caption("No hints yet", width="content", help="Hints appear after enough steps to judge the run by.")


def hints(run: str) -> None:
    """The run's hints, most severe first, or one line that says there are none."""
    steps, found = _judgement(run)
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


def _judgement(run: str) -> tuple[int, tuple[ShownHint, ...]]:
    """Steps judged up to the one where the run stands, and hints."""
    snapshot = snapshot_of(run)
    # An idle run is judged once; while it is busy, browsers share the hints for a second.
    return _judged(run, None if snapshot.busy else (snapshot.mark, snapshot.step))


@st.cache_resource(show_spinner=False, ttl=1.0, max_entries=20)
def _judged(run: str, still: object) -> tuple[int, tuple[ShownHint, ...]]:
    """Steps judged, and hints, cached. still: cache key of an idle run's state; None while the run is busy."""
    record, step = store().run(run), snapshot_of(run).step
    return health.steps_judged(record, step), health.hints(store(), record, step)


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
