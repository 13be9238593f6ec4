"""One job: its state and its logs, and the button that cancels it after a question."""

import streamlit as st

from pages.components.shell import notices
from pages.components.shell.page_paths import TRAIN
from pages.components.shell.state import store, user_name
from pages.components.shell.streamlit_gaps import escape
from pipeline.errors.base import GenscopeError
from pipeline.errors.launch import UnknownJob
from pipeline.launch.logs import MOST_TASKS, logs_of
from pipeline.studio.jobs.job_rows import JobRow, cancel_job, job_row
from pipeline.studio.jobs.job_words import job_words, resource_words

LOG_HEIGHT = 260


def job_of_run(job: str) -> None:
    """The job of a chosen run, folded: its state, its logs, Cancel. job: its id; nothing is shown for ""."""
    if not job:
        return
    try:
        row = job_row(store(), job)
    except UnknownJob:
        st.caption(f"The folder of its job {job}, with its logs, was deleted.")
    except GenscopeError as error:
        st.error(escape(str(error)), icon=":material/error:")
    else:
        with st.expander(f"Job {row.job.id}: {row.state.word}", icon=":material/dns:", key="job_of_run"):
            job_details(row)


def job_details(row: JobRow) -> None:
    """What is known of a job, and what can be done with it."""
    by = f", by {row.job.who}" if row.job.who else ""
    st.markdown(escape(job_words(row)))
    st.caption(escape(f"{_place(row)}. Asked for {resource_words(row)}{by}."))
    with st.container(horizontal=True):
        if row.run:
            st.page_link(TRAIN, label="Open its run", icon=":material/arrow_forward:", query_params={"run": row.run})
        if not row.state.over:
            _cancel_menu(row.job.id)
    logs = [log for log in logs_of(row.job) if log.lines]
    if not logs:
        st.caption("Its tasks have printed nothing yet.")
        return
    names = [f"Task {log.task}, {log.stream}" for log in logs]
    for tab, log in zip(st.tabs(names, key=f"logs {row.job.id}"), logs, strict=True):
        # It follows its last lines, as a terminal does.
        with tab, st.container(height=LOG_HEIGHT, border=False, autoscroll=True):
            st.code("\n".join(log.lines), language=None, wrap_lines=True)
    if row.job.processes > MOST_TASKS:
        st.caption(escape(f"The logs of its tasks from {MOST_TASKS} on are in {row.job.path}."))


def _place(row: JobRow) -> str:
    if row.job.cluster == "local":
        return f"On this machine, as process {row.number}" if row.number else "On this machine"
    partition = row.job.resources.partition
    return f"Slurm's job {row.number or 'without a number'}{f' in {partition}' if partition else ''}"


def _cancel_menu(job: str) -> None:
    """Asks before the job is cancelled."""
    menu = f"cancel {job}"
    with st.popover("Cancel job…", icon=":material/close:", key=menu, on_change="rerun"):
        st.markdown("It ends after its step and is saved. Its run can be resumed, here or as another job.")
        st.button("Cancel job", key="cancel_job_yes", type="primary", on_click=_cancel, args=(job, menu))


def _cancel(job: str, menu: str) -> None:
    """For a callback. The job's line then says that it was cancelled, and by whom."""
    notices.run_command(cancel_job, store(), job, user_name())
    st.session_state[menu] = False
