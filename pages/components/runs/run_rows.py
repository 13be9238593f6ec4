"""The table of runs, whose rows are chosen to be opened, compared or changed."""

from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st
from streamlit.elements.lib.column_types import ButtonColumnResult, ColumnConfig

from pages.components.runs.runs_address import alter, current_view, show_all
from pages.components.shell.browser import Layout, layout
from pages.components.shell.page_paths import TRAIN
from pages.components.shell.state import store
from pages.components.shell.streamlit_gaps import request_page
from pipeline.runs.store import RunRecord
from pipeline.studio.comparison.metric_titles import metric_about
from pipeline.studio.comparison.run_table import RunTable, columns_of
from pipeline.studio.comparison.runs_view import MOST_CHOSEN, RunsView
from pipeline.studio.comparison.thumbnails import thumbnail

ROW = 40
"""Height of a row in pixels, for a picture."""
VISIBLE = 11
OPENED = "runs_opened"
"""Key of the click on a row's button."""
TURN = "runs_table_turn"
PIXELS = {"Open": 58, "State": 92, "Step": 82, "Planned steps": 108, "Template": 130, "Data": 110,
          "Processes": 90, "By": 80}  # fmt: skip
"""Widths of columns. With three figures, the first of them fill a window of 1,280 pixels."""
NAMES: Mapping[Layout, int] = {"narrow": 130, "normal": 148, "wide": 290}
"""Width of the names' column, so that no figure is cut by the table's edge."""
FIGURE = 112
"""Width of a figure's column."""


def run_rows(table: RunTable, view: RunsView) -> None:
    """The table, or why it is empty. A tick chooses a run; its button opens it on Train."""
    if not table.records:
        _nothing(view)
        return
    ids = [run.id for run in table.records]
    cells = table.cells.copy()
    cells.insert(0, "Samples", [_picture(run.id, run.step, run.state) for run in table.records])
    cells.insert(2, "Open", "Open")
    chosen = [place for place, run in enumerate(ids) if run in view.chosen]
    key = _key(ids, view, chosen)
    st.dataframe(
        cells,
        hide_index=True,
        key=key,
        row_height=ROW,
        height=min(VISIBLE, len(ids) + 1) * ROW,
        on_select=partial(_choose, key, ids),
        selection_mode="multi-row",
        selection_default={"selection": {"rows": chosen}},
        placeholder="",
        column_config=_columns(view, ids),
        alt=f"{table.place}: name, state, steps, figures, template, data, processes, fork, tags, note, who started it "
        "and when",
    )


def _key(ids: Sequence[str], view: RunsView, chosen: Sequence[int]) -> str:
    """The key of the table. The browser keeps its ticks by row, so a table of other rows is another one, and so is one
    whose ticks are no longer what is chosen."""
    of = hash((tuple(ids), view.columns))
    key = f"runs {of} {st.session_state.get(TURN, 0)}"
    if key in st.session_state and sorted(st.session_state[key]["selection"]["rows"]) != list(chosen):
        st.session_state[TURN] = st.session_state.get(TURN, 0) + 1
        key = f"runs {of} {st.session_state[TURN]}"
    return key


def _columns(view: RunsView, ids: Sequence[str]) -> dict[str, ColumnConfig | ButtonColumnResult]:
    config = st.column_config
    figures = {
        each.title: config.NumberColumn(
            each.heading, format="%.4g", width=FIGURE, help=f"{each.title}. {metric_about(each.metric)}"
        )
        for each in columns_of(view)
    }
    return {
        "Samples": config.ImageColumn("", width=ROW + 16, pinned=True),
        "Name": config.TextColumn(width=NAMES[layout()], pinned=True),
        "Open": config.ButtonColumn(
            "", width=PIXELS["Open"], pinned=True, type="tertiary", key=OPENED, on_click=_open, args=(ids,)
        ),
        "Step": config.NumberColumn(format="localized", width=PIXELS["Step"]),
        "Planned steps": config.NumberColumn(format="localized", width=PIXELS["Planned steps"]),
        "Processes": config.NumberColumn(format="localized", width=PIXELS["Processes"]),
        "Started": config.DatetimeColumn(format="distance"),
        "Tags": config.ListColumn(),
        **{name: config.TextColumn(width=PIXELS[name]) for name in ("State", "Template", "Data", "By")},
        **figures,
    }


def _open(ids: Sequence[str]) -> None:
    """For a callback: open the run whose button was pressed."""
    place = st.session_state[OPENED]["row"]
    if place < len(ids):
        request_page(TRAIN, run=ids[place])


def _nothing(view: RunsView) -> None:
    """Why no run is listed, and the button that shows all of them."""
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        if view.filters:
            st.markdown("No run fits these words and filters.", width="content")
            st.button("Show all runs", key="runs_all_here", icon=":material/filter_alt_off:", on_click=show_all)
        else:
            st.markdown("All runs are archived.", width="content")
            st.button("Show them", key="runs_archived_here", icon=":material/unarchive:", on_click=alter,
                      kwargs={"archived": True})  # fmt: skip


def pages(table: RunTable) -> None:
    """Which runs the table shows, and buttons for the page before and after."""
    if not table.records:
        return
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
def _picture(run: str, step: int, state: str) -> str:
    """The run's thumbnail, which changes with its step; the last one is drawn before the run counts as finished."""
    return thumbnail(store(), run)


def chosen_records(view: RunsView) -> list[RunRecord]:
    """The chosen runs that exist; others, of an old link or deleted since, are left out."""
    known = {run.id: run for run in store().named(view.chosen)}
    return [known[run] for run in view.chosen if run in known]
