"""Home's summary of a current run, and its table of recent runs."""

from collections.abc import Sequence

import streamlit as st

from pages.components.run.hints import health_badge
from pages.components.run.run_images import run_images
from pages.components.shell.page_paths import TRAIN
from pages.components.shell.readiness import state_word
from pages.components.shell.state import snapshot_of, store
from pages.components.shell.streamlit_gaps import escape, request_page
from pipeline.runs import catalogue
from pipeline.runs.store import RunRecord
from pipeline.studio.run import history


def running_now(run: str) -> None:
    """Name, state, progress and newest samples of a current run."""
    snapshot = snapshot_of(run)
    record = store().run(run)
    figures = history.progress(record, snapshot)
    with st.container(border=True):
        image, words = st.columns([1, 4], vertical_alignment="center")
        if snapshot.samples:
            alt = f"Generated images after {snapshot.samples_step:,} steps"
            image.image(snapshot.samples, width="stretch", output_format="PNG", alt=alt)
        with words:
            st.markdown(f"**{escape(snapshot.name)}** · {state_word(snapshot)}")
            left = f" · {figures.left} left" if figures.moving else ""
            st.progress(figures.share, text=f"{figures.sentence} · {figures.speed} images/s{left}")
            run_images(record)
            with st.container(horizontal=True, vertical_alignment="center"):
                st.page_link(TRAIN, label="Open", icon=":material/arrow_forward:", query_params={"run": run})
                health_badge(run)


def recent_runs(limit: int) -> None:
    """A table of the newest runs that are not archived. A click on a row opens the run on the Train page."""
    records = catalogue.search(store(), limit=limit).records
    if not records:
        archived = bool(store().recent(1))
        st.caption(
            "All runs are archived: find them on Runs."
            if archived
            else "No runs yet. Press Start training, and your runs will be listed here."
        )
        return
    st.dataframe(
        history.table(records),
        hide_index=True,
        key="recent_runs",
        on_select=lambda: _open_selected(records),
        selection_mode="single-row",
        column_config={
            "Step": st.column_config.NumberColumn(format="localized"),
            "Of": st.column_config.NumberColumn(format="localized"),
            "Images/s": st.column_config.NumberColumn(format="localized"),
            "Started": st.column_config.DatetimeColumn(format="distance"),
        },
        alt=f"The {len(records)} most recent runs with their state and step",
    )


def _open_selected(records: Sequence[RunRecord]) -> None:
    if rows := st.session_state.recent_runs["selection"]["rows"]:
        request_page(TRAIN, run=records[rows[0]].id)
