"""One job: its state and its logs, and the button that cancels it after a question."""

import streamlit as st

from pages.components.shell import notices
from pages.components.shell.page_paths import TRAIN
from pages.components.shell.state import store, user_name
from pages.components.shell.streamlit_gaps import escape
from pipeline.launch.logs import logs_of
from pipeline.studio.jobs.job_rows import JobRow, cancel_job, has_job, job_row
from pipeline.studio.jobs.job_words import job_words, resource_words

LOG_HEIGHT = 260


def job_of_run(job: str) -> None:
    """The job of a chosen run, folded: its state, its logs, Cancel. job: its id; nothing is shown for ""."""
    if job and not has_job(store(), job):
        st.caption(f"The folder of its job {job}, with its logs, was deleted.")
    elif job and (row := notices.try_or_show(job_row, store(), job)):
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
            _cancel_menu(row)
    logs = [log for log in logs_of(row.job) if log.lines]
    if not logs:
        st.caption("Its tasks have printed nothing yet.")
        return
    names = [f"Task {log.task}, {log.stream}" for log in logs]
    for tab, log in zip(st.tabs(names, key=f"logs {row.job.id}"), logs, strict=True):
        # It follows its last lines, as a terminal does.
        with tab, st.container(height=LOG_HEIGHT, border=False, autoscroll=True):
            st.code("\n".join(log.lines), language=None, wrap_lines=True)


def _place(row: JobRow) -> str:
    if row.job.cluster == "local":
        return f"On this machine, as process {row.number}" if row.number else "On this machine"
    partition = row.job.resources.get("partition")
    return f"Slurm's job {row.number or 'without a number'}{f' in {partition}' if partition else ''}"


def _cancel_menu(row: JobRow) -> None:
    """Asks before the job is cancelled."""
    with st.popover("Cancel job…", icon=":material/close:", key=f"cancel {row.job.id}"):
        st.markdown("It ends after its step and is saved. Its run can be resumed, here or as another job.")
        st.button("Cancel job", key="cancel_job_yes", type="primary", on_click=notices.run_command,
                  args=(_cancel, row.job.id))  # fmt: skip


def _cancel(job: str) -> None:
    cancel_job(store(), job, user_name())
    st.toast("The job was told to end.", icon=":material/check:")
