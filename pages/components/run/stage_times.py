"""Where the time of a run's steps goes, around the charts of what it takes of the machine: a sentence, and a table."""

import pyarrow as pa
import streamlit as st

from pages.components.shell.streamlit_gaps import escape
from pipeline.studio.stages.stage_shares import StageShares

ON_A_GPU = (
    "Times are those of the host, which only hands work to the GPU: what the GPU still computes is in the stages that "
    "wait for it."
)


def stages_sentence(found: StageShares | None) -> None:
    """The shares in a sentence; nothing before the first measurement."""
    if found is not None:
        st.markdown(escape(found.sentence))


def stages_table(found: StageShares | None, device: str) -> None:
    """The share of each stage, in the order of a step; nothing before the first measurement. device: of the run."""
    if found is None:
        return
    columns = {
        "Update": pa.array([row.update for row in found.rows], pa.string()),
        "Stage": pa.array([row.stage for row in found.rows], pa.string()),
        "Share of the time": pa.array([100 * row.share for row in found.rows], pa.float64()),
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
                format="%.1f %%", min_value=0.0, max_value=100 * max(row.share for row in found.rows)
            ),
            "Mean (ms)": st.column_config.NumberColumn(format="%.3g", help="Of one time that the stage is run."),
        },
    )
    if device != "cpu":
        st.caption(ON_A_GPU)
