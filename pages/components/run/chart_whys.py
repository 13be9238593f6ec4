"""Why each number of the charts matters, in one popover beside the chart settings."""

import streamlit as st

from pages.components.run.chart_data import groups_of
from pages.components.shell.streamlit_gaps import escape
from pages.components.shell.why import explanation

KEY = "why_charts"
WIDTH, HEIGHT = 420, 520


def why_charts(run: str) -> None:
    """A popover with the meaning of each series of the run, and why it matters, by chart."""
    with (
        st.popover(
            "What these numbers mean",
            key=KEY,
            icon=":material/school:",
            type="tertiary",
            help="For each chart: what its lines mean and why they matter, with sources.",
            on_change="rerun",
        ),
        st.container(width=WIDTH, height=HEIGHT, border=False),
    ):
        # While the popover is closed, nothing is drawn in it.
        if not st.session_state.get(KEY):
            return
        first, more = groups_of(run)
        if not first:
            st.caption("The run's charts appear after the first training step.")
        for title, series in {**first, **more}.items():
            st.markdown(f"**{escape(title)}**")
            for each in series:
                st.markdown(f"`{each.name}` – {escape(each.meaning)}")
                if each.why is not None:
                    explanation(each.why)
