"""The run under way in short, and the list of those before it."""

import streamlit as st

from pages.components.state import look, store
from pipeline.studio import history

TRAIN = "pages/2_Train.py"


def running_now(run: str) -> None:
    """Name, state, progress and last samples of the run under way."""
    now = look(run)
    told = history.progress(store(), now)
    with st.container(border=True):
        image, words = st.columns([1, 4], vertical_alignment="center")
        if now.samples:
            image.image(now.samples, width="stretch", alt=f"Generated images after {now.samples_step:,} steps")
        with words:
            st.markdown(f"**{now.name}** · {now.state}")
            st.progress(told.share, text=f"{told.sentence} · {told.speed} images/s · time left {told.left}")
            st.page_link(TRAIN, label="Open", icon=":material/arrow_forward:", query_params={"run": run})


def recent_runs(limit: int) -> None:
    """A table of the newest runs; a click on a row opens it."""
    records = store().recent(limit)
    if not records:
        st.caption("None yet. Press Start training, and your runs will be listed here.")
        return
    chosen = st.dataframe(
        history.table(records),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key="recent_runs",
        column_config={
            "Step": st.column_config.NumberColumn(format="localized"),
            "Of": st.column_config.NumberColumn(format="localized"),
            "Images/s": st.column_config.NumberColumn(format="%.0f"),
            "Started": st.column_config.DatetimeColumn(format="distance"),
        },
    )
    if rows := chosen["selection"]["rows"]:
        st.switch_page(TRAIN, query_params={"run": records[rows[0]].id})
