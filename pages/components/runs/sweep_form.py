"""A sweep: a workflow, parameters and their values, a preview, and a button that puts its runs on the queue."""

from collections.abc import Mapping, Sequence

import streamlit as st

from pages.components.shell import notices
from pages.components.shell.queueing import start_time, start_time_field
from pages.components.shell.state import store, user_name
from pages.components.shell.streamlit_gaps import escape
from pipeline.formatting import counted
from pipeline.graph import document
from pipeline.graph.form import parameters
from pipeline.graph.workflow import Workflow
from pipeline.nodes.catalogue import NODES
from pipeline.runs.store import RunRecord
from pipeline.studio import workflows
from pipeline.studio.queue import sweep_preview
from pipeline.studio.queue.adding import add_sweep
from pipeline.studio.queue.sweep import MOST_RUNS, Sweep, grid, random_search
from pipeline.studio.queue.sweep_preview import SweepPreview
from pipeline.studio.queue.sweep_values import read_grid, read_random

COUNT, SEED, AT = "sweep_runs", "sweep_seed", "sweep_at"
KEPT_SECONDS = 60.0
"""How long what a sweep takes counts as known: other runs and uploads change it."""
HELP = {
    "grid": "Values separated by commas: 0.0001, 0.0002, 0.001. Values that contain commas are separated by |.",
    "random": "A range, 0.0001..0.01, with :log after it for a uniform logarithm, or values separated by commas.",
}


def sweep_form(runs: Sequence[RunRecord]) -> None:
    """The form. runs: whose workflows it offers besides the templates."""
    st.subheader("New sweep", anchor=False)
    notices.show("sweep")
    sources = _sources(runs)
    left, right = st.columns([3, 2])
    with left:
        source = st.selectbox(
            "Workflow",
            list(sources),
            key="sweep_source",
            persist_state="session",
            help="A template, or that of a chosen run.",
        )
    workflow = notices.try_or_show(_workflow, sources[source])
    if workflow is None:
        return
    with right:
        kind = st.segmented_control(
            "Values", ["grid", "random"], default="grid", required=True, format_func=str.capitalize, key="sweep_kind",
            persist_state="session", help="Grid: every combination. Random: some, drawn one by one.",
        )  # fmt: skip
    labels = _labels(workflow)
    keys = st.multiselect(
        "Parameters", list(labels), format_func=labels.__getitem__, key="sweep_parameters", persist_state="session"
    )
    texts = [
        st.text_input(
            escape(labels[key]),
            key=_field(kind, key),
            persist_state="session",
            help=HELP[kind],
            placeholder=HELP[kind],
        )
        for key in keys
    ]
    if kind == "random":
        first, second = st.columns(2)
        first.number_input("Runs", 1, MOST_RUNS, 10, key=COUNT, persist_state="session")
        second.number_input("Seed", 0, 2**31, 0, key=SEED, persist_state="session",
                            help="The same seed draws the same values.")  # fmt: skip
    start_time_field(AT)
    if not all(texts) or not texts:
        st.caption("Choose parameters and write their values: a preview says how many runs they make.")
        return
    with st.spinner("Checking the runs of the sweep"):
        checked = notices.try_or_show(_sweep, workflow, kind, keys)
    if checked is None:
        return
    sweep, found = checked
    for sentence in found.sentences:
        st.markdown(escape(sentence))
    if names := [run.name for run in sweep.runs[:3]]:
        st.caption(escape(f"Named {'; '.join(names)}{'; …' if len(sweep.runs) > 3 else ''}"))
    st.button(
        f"Add {counted(found.runs, 'run')} to the queue",
        key="sweep_add",
        type="primary",
        icon=":material/playlist_add:",
        disabled=not found.runs,
        on_click=_add,
        args=(workflow, kind, keys),
    )


def _add(workflow: Workflow, kind: str, keys: Sequence[str]) -> None:
    """For a callback: add the sweep, as the fields say when the click arrives: it may be what ended the typing."""

    def add() -> None:
        sweep, _ = _sweep(workflow, kind, keys)
        add_sweep(store(), sweep, user_name(), not_before=start_time(str(st.session_state.get(AT, ""))))
        st.toast(f"Added {counted(len(sweep.runs), 'run')} to the queue.", icon=":material/playlist_add:")

    notices.run_command_at("sweep", add)


def _sources(runs: Sequence[RunRecord]) -> Mapping[str, RunRecord | str]:
    """Label -> a run, or the name of a template."""
    templates = {f"Template {each.title}": each.name for each in workflows.templates()}
    return {f"Run {run.name} ({run.id})": run for run in runs} | templates


def _workflow(source: RunRecord | str) -> Workflow:
    if isinstance(source, str):
        return workflows.open_template(source)
    return workflows.of_run(source.workflow_text, source.data_text).workflow


def _labels(workflow: Workflow) -> Mapping[str, str]:
    """Key "node.parameter" -> node and label, of every parameter."""
    return {
        f"{node_id}.{parameter.name}": f"{node.title or node_class.title} ({node_id}) · {parameter.label}"
        for node_id, node in workflow.nodes.items()
        if (node_class := NODES.get(node.class_type))
        for parameter in parameters(node_class)
    }


def _field(kind: str, key: str) -> str:
    """The key of the field for the values of a parameter."""
    return f"sweep {kind} {key}"


def _sweep(workflow: Workflow, kind: str, keys: Sequence[str]) -> tuple[Sweep, SweepPreview]:
    """The sweep that the fields say, and what it takes."""
    options = tuple(f"{key}={st.session_state[_field(kind, key)]}" for key in keys)
    drawn = (st.session_state[COUNT], st.session_state[SEED]) if kind == "random" else None
    return _checked(workflow, document.write(workflow), options, drawn)


# To check a thousand runs takes seconds, and the page is drawn again with every click.
@st.cache_resource(show_spinner=False, ttl=KEPT_SECONDS, max_entries=20)
def _checked(
    _workflow: Workflow, text: str, options: tuple[str, ...], drawn: tuple[int, int] | None
) -> tuple[Sweep, SweepPreview]:
    """text: the workflow, for the cache. drawn: number of runs and seed of a random search; None for a grid."""
    if drawn is None:
        sweep = grid(_workflow, [read_grid(_workflow, option) for option in options])
    else:
        sweep = random_search(_workflow, [read_random(_workflow, option) for option in options], *drawn)
    return sweep, sweep_preview.preview(store(), sweep)
