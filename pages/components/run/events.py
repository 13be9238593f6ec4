"""The table of a run's events, newest first."""

import pyarrow as pa
import streamlit as st

from pages.components.shell.state import snapshot_of, store
from pages.components.shell.streamlit_gaps import StateMark
from pipeline.studio.run import history


def events(run: str) -> None:
    """The run's latest events: step, time, who and what."""
    st.subheader("Events", anchor=False)
    st.dataframe(
        _table(run, snapshot_of(run).mark),
        hide_index=True,
        height=240,
        key="events",
        alt="The latest events of the run, newest first",
        column_config={
            "Step": st.column_config.NumberColumn(width="small", format="localized"),
            "When": st.column_config.TextColumn(width="small"),
            "Who": st.column_config.TextColumn(width="small"),
            "What": st.column_config.TextColumn(width="large"),
        },
    )


@st.cache_resource(show_spinner=False, ttl=1.0, max_entries=20)
def _table(run: str, mark: StateMark) -> pa.Table:
    """The table, built at most once a second for all browsers. mark: mark of the trainer's state; it changes with every
    event."""
    return history.event_table(store(), run)
