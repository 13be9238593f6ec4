"""The problems of a workflow, one line each."""

import streamlit as st

from pages.components.shell.streamlit_gaps import escape
from pages.components.workflow import draft
from pipeline.graph.check import Report
from pipeline.nodes.schedule_ends import plan_remark

MOST = 30
"""Maximum number of problems listed; a file from another program may have hundreds."""


def problems(report: Report) -> None:
    """The problems that the check found; a click on one selects its node."""
    if report.ok:
        st.caption(":green[:material/check_circle:] No problems: all shapes fit and every wire is connected.")
        _remarks(report)
        if note := plan_remark(report):
            st.caption(f":orange[:material/warning:] {escape(note)}")
        return
    for number, problem in enumerate(report.problems[:MOST]):
        sentence = escape(problem.message)
        if problem.node is None:
            st.markdown(f":red[:material/error:] :small[{sentence}]")
            continue
        _finding(
            f":red[:material/error:] **{escape(report.titles[problem.node])}** · {sentence}",
            problem.node,
            f"problem {number}",
        )
    if len(report.problems) > MOST:
        st.caption(f"and {len(report.problems) - MOST} more")
    _remarks(report)


def _finding(words: str, node: str, key: str) -> None:
    """What was found at a node, in Markdown; a click selects the node."""
    st.button(words, key=key, type="tertiary", wrap=True, help="Show this node", on_click=draft.select, args=(node,))


def _remarks(report: Report) -> None:
    """What the nodes found outside, such as the number of images; warnings select their node, and prevent nothing."""
    for number, warning in enumerate(report.warnings[:MOST]):
        words = f":orange[:material/warning:] **{escape(report.titles[warning.node])}** · {escape(warning.message)}"
        _finding(words, warning.node, f"warning {number}")
    for node, remarks in report.remarks.items():
        if remarks.line:
            st.caption(f":material/photo_library: {escape(report.titles[node])}: {escape(remarks.line)}")
