"""The queue: what it does now, its entries, and what can be done with them."""

from collections.abc import Callable, Sequence
from functools import partial

import pandas as pd
import streamlit as st

from pages.components.shell import notices
from pages.components.shell.page_paths import TRAIN
from pages.components.shell.starting import request_next, rerun_if_asked
from pages.components.shell.state import loaded_snapshot, store, user_name
from pages.components.shell.streamlit_gaps import POLL_SECONDS, escape
from pipeline.formatting import ago
from pipeline.runs import queue_changes
from pipeline.studio.queue.queue_view import QueueRow, QueueView, queue_view
from pipeline.studio.queue.start_times import start_time_words

HEIGHT = 420
PLACE, NAME, STATE, STEP = 60, 200, 112, 136
"""Widths of columns in pixels, which leave room for the others in a window of 1,280 pixels. A column without one is as
wide as its heading where its first rows are empty, and then cuts the numbers of the others."""
CHOSEN = "queue_chosen"
"""Key of the ids of the chosen entries."""


def queue_rows() -> None:
    """The queue, redrawn every second: an engine may take an entry at any time."""
    st.fragment(_queue, run_every=POLL_SECONDS)()


def _queue() -> None:
    rerun_if_asked()
    view = notices.try_or_show(queue_view, store(), loaded_snapshot())
    if view is None:
        return
    st.markdown(escape(view.sentence))
    _for_all(view)
    if not view.rows:
        notices.empty("The queue is empty. Add a sweep below, or a workflow with Queue on the Workflow page.")
        return
    _table(view.rows)
    _for_chosen([row for row in view.rows if row.entry.id in st.session_state.get(CHOSEN, ())])


def _for_all(view: QueueView) -> None:
    """What concerns the queue as a whole."""
    with st.container(horizontal=True):
        if view.hold is None:
            _button("Hold the queue", "pause", partial(queue_changes.hold_all, store(), user_name()),
                    "Start nothing until it is released. A run that is being trained goes on.")  # fmt: skip
        else:
            _button("Release the queue", "play_arrow", partial(queue_changes.release_all, store()),
                    "Start waiting runs again.")  # fmt: skip
        st.button("Start the next one now", key="queue_next", icon=":material/skip_next:",
                  disabled=not any(row.state == "waiting" for row in view.waiting),
                  help="Pauses and saves the run that is being trained, if there is one.",
                  on_click=request_next)  # fmt: skip
        _button("Clear what has ended", "clear_all", partial(queue_changes.clear, store()),
                "The runs themselves stay.", disabled=not view.ended)  # fmt: skip


def _table(rows: Sequence[QueueRow]) -> None:
    ids = [row.entry.id for row in rows]
    st.dataframe(
        pd.DataFrame([_cells(row) for row in rows]),
        hide_index=True,
        key=f"queue {' '.join(ids)}",
        height=min(HEIGHT, 36 * (len(rows) + 1) + 4),
        on_select=partial(_choose, f"queue {' '.join(ids)}", ids),
        selection_mode="multi-row",
        selection_default={
            "selection": {"rows": [at for at, entry in enumerate(ids) if entry in st.session_state.get(CHOSEN, ())]}
        },
        placeholder="",
        column_config={
            "Place": st.column_config.NumberColumn(width=PLACE),
            "Name": st.column_config.TextColumn(width=NAME),
            "State": st.column_config.TextColumn(width=STATE),
            "Step": st.column_config.TextColumn(width=STEP),
            "Why": st.column_config.TextColumn(width="large"),
        },
        alt=f"The {len(rows)} entries of the queue: place, name, state, start, step, sweep, by whom, when, and why",
    )


def _cells(row: QueueRow) -> dict[str, object]:
    entry = row.entry
    return {
        "Place": row.number,
        "Name": entry.name,
        "State": f"{row.state}, resumes" if row.resumes else row.state,
        "Starts": start_time_words(entry.not_before) if entry.not_before and row.number else "",
        "Step": f"{entry.run_step:,} of {entry.run_steps:,}" if entry.run_step is not None and entry.run_steps else "",
        "Sweep": entry.sweep,
        "By": entry.who,
        "Added": ago(entry.created),
        "Why": row.why,
    }


def _choose(key: str, ids: Sequence[str]) -> None:
    rows = st.session_state[key]["selection"]["rows"]
    st.session_state[CHOSEN] = tuple(ids[row] for row in rows if row < len(ids))


def _for_chosen(rows: Sequence[QueueRow]) -> None:
    """What can be done with the chosen entries."""
    if not rows:
        st.caption("Tick entries to move, hold, start or cancel them.")
        return
    waiting = [row.entry.id for row in rows if row.number is not None]
    held = [row.entry.id for row in rows if row.state == "held"]
    free = [entry for entry in waiting if entry not in held]
    one = rows[0] if len(rows) == 1 else None
    with st.container(horizontal=True):
        if one and one.number is not None:
            for label, icon, target in (("Up", "arrow_upward", "up"), ("Down", "arrow_downward", "down"),
                                        ("First", "vertical_align_top", "first")):  # fmt: skip
                _button(label, icon, partial(queue_changes.move, store(), one.entry.id, target))  # type: ignore[arg-type]
            st.button("Start now", key="queue_start", icon=":material/play_arrow:", on_click=request_next,
                      args=(one.entry.id,),
                      help="Pauses and saves the run that is being trained, if there is one.")  # fmt: skip
        if free:
            _button("Hold", "pause", partial(queue_changes.hold, store(), free), "Start it only when it is released.")
        if held:
            _button("Release", "play_arrow", partial(queue_changes.release, store(), held))
        if waiting:
            _button("Cancel", "close", partial(queue_changes.cancel, store(), waiting))
        if (sweep := _sweep_of(rows)) and waiting:
            # Asks, because its runs can be put back only one by one.
            with st.popover("Cancel the sweep…", icon=":material/playlist_remove:", key="queue_cancel_sweep"):
                st.markdown(f"All runs of {escape(sweep)} that wait are cancelled, not only those that are ticked.")
                _button("Cancel the sweep", "playlist_remove", partial(queue_changes.cancel_sweep, store(), sweep))
        if one and one.can_be_retried:
            _button("Retry", "refresh", partial(queue_changes.retry, store(), one.entry.id),
                    "Put it back at the front.")  # fmt: skip
        if one and one.entry.run:
            st.page_link(TRAIN, label="Open its run", icon=":material/arrow_forward:",
                         query_params={"run": one.entry.run})  # fmt: skip


def _sweep_of(rows: Sequence[QueueRow]) -> str:
    """The sweep that all of these entries belong to; "" if there is none."""
    sweeps = {row.entry.sweep for row in rows}
    return sweeps.pop() if len(sweeps) == 1 else ""


def _button(label: str, icon: str, act: Callable[[], object], about: str = "", *, disabled: bool = False) -> None:
    st.button(label, key=f"queue {label}", icon=f":material/{icon}:", disabled=disabled, help=about or None,
              on_click=notices.run_command, args=(act,))  # fmt: skip
