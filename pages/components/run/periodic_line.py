"""What the periodic evaluation of a run compares, costs and found best: a caption, for runs that have one."""

import streamlit as st

from pages.components.shell.state import snapshot_of, store
from pages.components.shell.streamlit_gaps import escape
from pipeline.runs.store import RunRecord
from pipeline.studio.run import periodic


def periodic_line(record: RunRecord) -> None:
    """The caption; nothing before the first evaluation, or without one."""
    if found := periodic.of_stored(store(), record):
        words = periodic.sentences(found, snapshot_of(record.id).seconds)
        st.caption(f":material/query_stats: Periodic evaluation: {escape(words)}")
