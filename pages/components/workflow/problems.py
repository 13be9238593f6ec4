"""The problems and warnings of a workflow, one line each, with the buttons that mend them."""

import streamlit as st

from pages.components.shell.notices import run_command
from pages.components.shell.state import store
from pages.components.shell.streamlit_gaps import escape
from pages.components.workflow import draft
from pipeline.graph.check import Report
from pipeline.graph.findings import Mend
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.schedule_ends import plan_remark
from pipeline.studio import workflows
from pipeline.studio.estimate import estimate

MOST = workflows.MOST_MENDS
"""Maximum number of problems listed; a file from another program may have hundreds."""


def problems(report: Report) -> None:
    """The problems that the check found; a click on its node's name selects the node, a button beside it mends it."""
    if report.ok:
        st.caption(":green[:material/check_circle:] No problems: all shapes fit and every wire is connected.")
        _expected(report)
        _warnings(report)
        if note := plan_remark(report, by_title=True):
            st.caption(f":orange[:material/warning:] {escape(note)}")
        return
    mends = workflows.mends(report.workflow)
    for number, (problem, mend) in enumerate(list(zip(report.problems, mends, strict=True))[:MOST]):
        if problem.node is None:
            st.markdown(f":red[:material/error:] :small[{escape(problem.message)}]")
        else:
            _finding(report, ":red[:material/error:]", problem.node, problem.message, mend, f"problem {number}")
    if len(report.problems) > MOST:
        st.caption(f"and {len(report.problems) - MOST} more")
    _warnings(report)


def _expected(report: Report) -> None:
    """What a run will take: time by earlier runs, shares of a batch, and disk; a warning if the disk is too full."""
    if found := estimate(store(), report):
        words = " ".join(filter(None, (found.time_words, found.evaluation, found.shares, found.disk_words)))
        st.caption(f":material/schedule: {escape(words)}")
        if found.room_words:
            st.caption(f":orange[:material/warning:] {escape(found.room_words)}")


def _finding(report: Report, icon: str, node: str, message: str, mend: Mend | None, key: str) -> None:
    """What was found at a node, in one row: its name, which selects it, the sentence, the button that mends it."""
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
        st.button(
            f"{icon} **{escape(report.names[node])}**",
            key=key,
            type="tertiary",
            help="Show this node",
            on_click=draft.select,
            args=(node,),
        )
        st.markdown(f":small[{escape(message)}]")
        if mend:
            st.button(
                mend.label,
                key=f"mend {key}",
                help=f"{escape(mend.does)} Undo reverts it.".strip(),
                on_click=run_command,
                args=(draft.change, mend.change, NODES),
            )


def _warnings(report: Report) -> None:
    """What is probably not meant, which prevents nothing, and what the nodes found outside, such as images."""
    for number, warning in enumerate(report.warnings[:MOST]):
        icon = ":orange[:material/warning:]"
        _finding(report, icon, warning.node, warning.message, warning.mend, f"warning {number}")
    for node, remarks in report.remarks.items():
        if remarks.line:
            st.caption(f":material/photo_library: {escape(report.names[node])}: {escape(remarks.line)}")
