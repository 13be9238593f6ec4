"""Submit, in the Queue menu: have a cluster train the workflow, or this machine as a job of its own."""

from typing import get_args

import streamlit as st

from pages.components.shell import notices
from pages.components.shell.done_message import Done, say_done
from pages.components.shell.page_paths import RUNS
from pages.components.shell.state import store, user_name
from pages.components.workflow import draft
from pipeline.graph.check import Report
from pipeline.launch.cluster import HERE, chosen_cluster
from pipeline.launch.resources import Cluster, Resources, extra_options, usual_tasks
from pipeline.nodes.training_subgraph import training_subgraph
from pipeline.studio.jobs.job_rows import job_row
from pipeline.studio.jobs.job_words import submitted_words
from pipeline.studio.jobs.submitting import submit_workflow

PLACE, CLUSTER, EXTRA = "queue", "submit_cluster", "submit_extra"
CLUSTERS = {"auto": "Slurm, or this machine", "slurm": "Slurm", "local": "This machine"}
NUMBERS = (("nodes", "tasks"), ("gpus", "cpus"), ("memory", "minutes"))
MORE = ("account", "qos", "constraint", "comment")
NOTICE = "notice"
JOBS = {"view": "jobs"}
"""Query parameters of the Runs page that show the jobs."""


def submit_form(menu: str, report: Report) -> None:
    """The fields and the button. menu: key of the menu that they are in, which closes once the job is submitted.
    report: on the workflow, which has no problems."""
    found = training_subgraph(report)
    usual = {name: field.default for name, field in Resources.model_fields.items()}
    if found:
        usual["tasks"] = usual_tasks(found.training.processes, st.session_state.get(_key("nodes")) or 1)
    left, right = st.columns(2)
    cluster = left.selectbox("Cluster", get_args(Cluster), key=CLUSTER, format_func=CLUSTERS.__getitem__)
    with right:
        _text("partition")
    if cluster == "auto" and chosen_cluster(cluster) == "local":
        st.caption(HERE)
    for pair in NUMBERS:
        for column, name in zip(st.columns(2), pair, strict=True):
            with column:
                _number(name, usual[name])
    with st.expander("More", key="submit_more"):
        _number(NOTICE, usual[NOTICE])
        for name in MORE:
            _text(name)
        st.text_area(
            "More options of sbatch", key=EXTRA, height=68, placeholder="exclude=node7",
            help="Each in a line of its own, as KEY=VALUE.",
        )  # fmt: skip
    st.button(
        "Submit job", key="submit_job", type="primary", width="stretch", icon=":material/send:", on_click=_submit,
        args=(menu,),
    )  # fmt: skip


def _number(name: str, usual: int) -> None:
    """An empty field, which stands for the usual value: that of the tasks follows the workflow and the nodes."""
    known = Resources.model_fields[name]
    # Its range is checked on submission, with a sentence; the field itself would only turn red.
    st.number_input(
        str(known.title), value=None, step=1, placeholder=str(usual), key=_key(name), help=known.description
    )


def _text(name: str) -> None:
    known = Resources.model_fields[name]
    st.text_input(str(known.title), key=_key(name), help=known.description, max_chars=200)


def _key(name: str) -> str:
    return f"submit_{name}"


def _submit(menu: str) -> None:
    """For a callback: submit the workflow as the fields say when the click arrives."""

    def submit() -> None:
        names = [*(name for pair in NUMBERS for name in pair), NOTICE, "partition", *MORE]
        given = {name: _value(_key(name)) for name in names}
        lines = str(st.session_state.get(EXTRA, "")).splitlines()
        given["extra"] = extra_options([line for line in lines if line.strip()])
        cluster: Cluster = st.session_state.get(CLUSTER, "auto")
        job = submit_workflow(store(), draft.current().workflow, given, cluster, user_name())
        say_done(Done(submitted_words(job_row(store(), job.id)), RUNS, "Show the jobs", JOBS))

    if notices.run_command_at(PLACE, submit):
        st.session_state[menu] = False


def _value(key: str) -> object:
    """What a field says; None for its usual value."""
    value = st.session_state.get(key)
    return value.strip() if isinstance(value, str) else value
