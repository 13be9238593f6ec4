"""Where the time of a run's steps goes: a sentence and a table, above the charts of what it takes of the machine."""

import pyarrow as pa
import streamlit as st

from pages.components.shell.state import store
from pages.components.shell.streamlit_gaps import escape
from pipeline.runs.store import RunRecord
from pipeline.studio.stages.stage_shares import stage_shares

ON_A_GPU = (
    "Times are those of the host, which only hands work to the GPU: what the GPU still computes is in the stages that "
    "wait for it."
)


def stage_times(record: RunRecord) -> None:
    """The sentence and the table; nothing before the first measurement."""
    found = stage_shares(store(), record)
    if found is None:
        return
    st.markdown(escape(found.sentence))
    updates = [row.update for row in found.rows]
    columns = {
        "Update": pa.array(updates, pa.string()),
        "Stage": pa.array([row.stage for row in found.rows], pa.string()),
        "Share of the time": pa.array([row.share for row in found.rows], pa.float64()),
        "Mean (ms)": pa.array([row.milliseconds for row in found.rows], pa.float64()),
    }
    st.dataframe(
        pa.table(columns),
        hide_index=True,
        key="stage_times",
        height="content",
        alt=f"The share of the time of each stage: {found.sentence}",
        column_config={
            "Share of the time": st.column_config.ProgressColumn(
                format="percent", min_value=0.0, max_value=max(row.share for row in found.rows)
            ),
            "Mean (ms)": st.column_config.NumberColumn(format="%.3g", help="Of one time that the stage is run."),
        },
    )
    if record.device != "cpu":
        st.caption(ON_A_GPU)
