"""What happened to a run, newest first, with who did it."""

import streamlit as st

from pages.components.state import store
from pipeline.studio import history


def events(run: str) -> None:
    """The run's last events as a table."""
    st.subheader("Events", anchor=False)
    st.dataframe(
        history.event_table(store(), run),
        hide_index=True,
        height=240,
        key="events",
        column_config={
            "Step": st.column_config.NumberColumn(width="small", format="localized"),
            "When": st.column_config.TextColumn(width="small"),
            "Who": st.column_config.TextColumn(width="small"),
            "What": st.column_config.TextColumn(width="large"),
        },
    )
