"""The table of runs, whose rows are chosen to be opened, compared or changed."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from pages.components.runs.runs_address import alter, current_view
from pages.components.shell.state import store
from pipeline.runs.store import RunRecord
from pipeline.studio.comparison.run_table import RunTable, columns_of
from pipeline.studio.comparison.runs_view import MOST_CHOSEN, RunsView
from pipeline.studio.comparison.thumbnails import thumbnail

ROW = 40
"""Height of a row in pixels, for a picture."""
VISIBLE = 11


def run_rows(table: RunTable, view: RunsView) -> None:
    """The table, and which of how many runs it shows, with the way to the others."""
    ids = [run.id for run in table.records]
    cells = table.cells.copy()
    cells.insert(0, "Samples", [_picture(run.id, run.step) for run in table.records])
    key = f"runs {hash((view.filter, view.sort, table.page, view.columns))}"
    numbers = {each.title: st.column_config.NumberColumn(format="%.4g") for each in columns_of(view)}
    st.dataframe(
        cells,
        hide_index=True,
        key=key,
        row_height=ROW,
        height=min(VISIBLE, len(ids) + 1) * ROW,
        on_select=partial(_choose, key, ids),
        selection_mode="multi-row",
        selection_default={"selection": {"rows": [place for place, run in enumerate(ids) if run in view.chosen]}},
        placeholder="",
        column_config={
            "Samples": st.column_config.ImageColumn("", width=ROW + 16, pinned=True),
            "Name": st.column_config.TextColumn(width="medium", pinned=True),
            "State": st.column_config.TextColumn(width="small"),
            "Step": st.column_config.NumberColumn(format="localized", width="small"),
            "Of": st.column_config.NumberColumn(format="localized", width="small"),
            "Started": st.column_config.DatetimeColumn(format="distance"),
            "Tags": st.column_config.ListColumn(),
            **numbers,
        },
        alt=f"{table.place}: name, state, template, data, steps, figures, fork, tags, note, who started it and when",
    )


def pages(table: RunTable) -> None:
    """Which runs the table shows, and buttons for the page before and after."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(table.place, width="content")
        if table.pages > 1:
            for label, page, icon in (
                ("Previous", table.page - 1, ":material/chevron_left:"),
                ("Next", table.page + 1, ":material/chevron_right:"),
            ):
                st.button(
                    label,
                    key=f"page_{label.lower()}",
                    icon=icon,
                    type="tertiary",
                    disabled=not 1 <= page <= table.pages,
                    on_click=alter,
                    kwargs={"page": page},
                )


def _choose(key: str, ids: Sequence[str]) -> None:
    """For a callback: keep the chosen rows of this page, and the runs that were chosen on others."""
    rows = st.session_state[key]["selection"]["rows"]
    here = [ids[row] for row in rows if row < len(ids)]
    # A row stays where it was among the chosen, so that lines keep their order.
    kept = [run for run in current_view().chosen if run in here or run not in ids]
    chosen = [*kept, *(run for run in here if run not in kept)]
    if len(chosen) > MOST_CHOSEN:
        st.toast(f"At most {MOST_CHOSEN} runs can be chosen.", icon=":material/info:")
    alter(chosen=tuple(chosen[:MOST_CHOSEN]))


@st.cache_data(show_spinner=False, max_entries=2_000)
def _picture(run: str, step: int) -> str:
    """The run's thumbnail, which changes with its step at most."""
    return thumbnail(store(), store().run(run))


def chosen_records(view: RunsView) -> list[RunRecord]:
    """The chosen runs that exist; others, of an old link or deleted since, are left out."""
    known = {run.id: run for run in store().named(view.chosen)}
    return [known[run] for run in view.chosen if run in known]
