"""Jobs: which there are, and the details of the chosen one."""

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from pages.components.runs.job_details import job_details
from pages.components.shell import notices
from pages.components.shell.starting import rerun_if_asked
from pages.components.shell.state import store
from pages.components.shell.streamlit_gaps import escape
from pipeline.formatting import ago
from pipeline.studio.jobs.job_rows import JobRow, job_rows
from pipeline.studio.jobs.job_words import resource_words

EVERY_SECONDS = 2.0
HEIGHT = 420
CHOSEN = "job_chosen"
"""Key of the id of the chosen job."""
PIXELS = {"Name": 150, "State": 84, "Step": 120, "Since": 100, "Where": 100, "Why": 300, "Asked for": 300}
"""Widths of columns: in a window of 1,280 pixels, those before Why are seen whole."""


def job_table() -> None:
    """The jobs, redrawn every two seconds: a queue may start one at any time."""
    st.fragment(_jobs, run_every=EVERY_SECONDS)()


def _jobs() -> None:
    rerun_if_asked()
    rows = notices.try_or_show(job_rows, store())
    if rows is None:
        return
    if not rows:
        notices.empty(
            "There are no jobs. *Queue* on the Workflow page has a cluster train a workflow, or this machine if it "
            "has no Slurm; so does `python -m pipeline submit`."
        )
        return
    _table(rows)
    chosen = next((row for row in rows if row.job.id == st.session_state.get(CHOSEN)), None)
    if chosen is None:
        st.caption("Tick a job for its logs, and to cancel it.")
        return
    st.subheader(escape(chosen.job.name), anchor=False)
    job_details(chosen)


def _table(rows: Sequence[JobRow]) -> None:
    ids = [row.job.id for row in rows]
    key = f"jobs {' '.join(ids)}"
    chosen = [at for at, job in enumerate(ids) if job == st.session_state.get(CHOSEN)]
    st.dataframe(
        pd.DataFrame([_cells(row) for row in rows]),
        hide_index=True,
        key=key,
        height=min(HEIGHT, 36 * (len(rows) + 1) + 4),
        on_select=partial(_choose, key, ids),
        selection_mode="single-row",
        selection_default={"selection": {"rows": chosen}},
        placeholder="",
        column_config={name: st.column_config.TextColumn(width=width) for name, width in PIXELS.items()},
        alt=f"{len(rows)} jobs: name, state, step, since when, where, why, what it asked for, by whom, and its run",
    )


def _cells(row: JobRow) -> dict[str, object]:
    state = row.state
    return {
        "Name": row.job.name,
        "State": state.word,
        "Step": row.steps,
        "Since": ago(state.since) if state.since else "",
        "Where": state.where or ("this machine" if row.job.cluster == "local" else "Slurm"),
        "Why": state.reason,
        "Asked for": resource_words(row),
        "By": row.job.who,
        "Run": row.run,
        "Job": row.job.id,
    }


def _choose(key: str, ids: Sequence[str]) -> None:
    rows = st.session_state[key]["selection"]["rows"]
    st.session_state[CHOSEN] = ids[rows[0]] if rows and rows[0] < len(ids) else None
