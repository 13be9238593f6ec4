"""What the curves of a run warn of, and the way to the parameters that may help."""

from collections.abc import Sequence

import streamlit as st

from pages.components.shell.escape import plain
from pages.components.shell.state import snapshot_of, store
from pipeline.studio import health
from pipeline.studio.health import ShownHint, ShownLever

HEIGHT = 240
"""The same with hints and without, so that nothing below moves when one comes or goes."""

WORKFLOW = "pages/1_Workflow.py"
SEVERITIES = {
    "critical": ":red[:material/error:] **Critical**",
    "warning": ":orange[:material/warning:] **Warning**",
    "info": ":blue[:material/info:] **Note**",
}


def hints(run: str) -> None:
    """The run's hints, the most severe first; one line where there are none."""
    now = snapshot_of(run)
    # A run that stands still is judged once; of one that moves all browsers see the same, a second long.
    steps, found = _judged(run, None if now.busy else (now.mark, now.step))
    st.subheader("Health", anchor=False)
    with st.container(height=HEIGHT, border=True, key="hints"):
        st.caption(_summary(steps, len(found)))
        for hint in found:
            _draw(run, hint)


def _summary(steps: int, count: int) -> str:
    if count:
        return f"{count} {'hints' if count > 1 else 'hint'}, the most severe first."
    if steps:
        return f":green[:material/check_circle:] No warnings from the last {steps:,} steps."
    return "Warnings, if there are any, appear once there are enough steps to judge by."


@st.cache_resource(show_spinner=False, ttl=1.0, max_entries=20)
def _judged(run: str, still: object) -> tuple[int, tuple[ShownHint, ...]]:
    """still: tells states of a run apart between which its hints may differ; None while it moves."""
    record = store().run(run)
    return health.steps_judged(record), health.hints(store(), record)


def _draw(run: str, hint: ShownHint) -> None:
    st.markdown(f"{SEVERITIES[hint.severity]} · {plain(hint.text)} {plain(hint.remedy)}")
    _ways(run, "Live parameters:", [lever for lever in hint.levers if lever.live])
    _ways(run, "Workflow, in a new run or a fork:", [lever for lever in hint.levers if not lever.live])


def _ways(run: str, where: str, levers: Sequence[ShownLever]) -> None:
    """A link for each parameter, to its node in the run's workflow."""
    if levers:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(where, width="content")
            for lever in levers:
                label = f"{plain(lever.node_title)} · {plain(lever.label)}"
                address = {"run": run, "node": lever.node}
                st.page_link(WORKFLOW, label=label, icon=":material/tune:", query_params=address)
