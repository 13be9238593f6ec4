"""A sweep: a workflow, parameters and their values, a preview, and a button that puts its runs on the queue."""

from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st

from pages.components.shell import notices
from pages.components.shell.queueing import start_time, start_time_field
from pages.components.shell.state import store, user_name
from pages.components.shell.streamlit_gaps import escape
from pipeline.formatting import counted
from pipeline.graph.form import parameters
from pipeline.graph.workflow import Workflow
from pipeline.nodes.catalogue import NODES
from pipeline.runs.store import RunRecord
from pipeline.studio import workflows
from pipeline.studio.queue import sweep_preview
from pipeline.studio.queue.adding import add_sweep
from pipeline.studio.queue.sweep import MOST_RUNS, Sweep, grid, random_search
from pipeline.studio.queue.sweep_values import read_grid, read_random

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
            "Workflow", list(sources), key="sweep_source", help="A template, or that of a chosen run."
        )
    workflow = notices.try_or_show(_workflow, sources[source])
    if workflow is None:
        return
    with right:
        kind = st.segmented_control(
            "Values", ["grid", "random"], default="grid", required=True, format_func=str.capitalize, key="sweep_kind",
            help="Grid: every combination. Random: some, drawn one by one.",
        )  # fmt: skip
    labels = _labels(workflow)
    keys = st.multiselect("Parameters", list(labels), format_func=labels.__getitem__, key="sweep_parameters")
    texts = {
        key: st.text_input(labels[key], key=f"sweep {kind} {key}", help=HELP[kind], placeholder=HELP[kind])
        for key in keys
    }
    count, seed = 10, 0
    if kind == "random":
        first, second = st.columns(2)
        count = first.number_input("Runs", 1, MOST_RUNS, 10, key="sweep_runs")
        seed = second.number_input("Seed", 0, 2**31, 0, key="sweep_seed", help="The same seed draws the same values.")
    at = start_time_field("sweep_at")
    if not all(texts.values()) or not texts:
        st.caption("Choose parameters and write their values: a preview says how many runs they make.")
        return
    sweep = notices.try_or_show(_sweep, workflow, texts, kind, count, seed)
    if sweep is None:
        return
    found = sweep_preview.preview(store(), sweep)
    for sentence in found.sentences:
        st.markdown(escape(sentence))
    if names := [run.name for run in sweep.runs[:3]]:
        st.caption(escape(f"Named {', '.join(names)}{' …' if len(sweep.runs) > 3 else ''}"))
    st.button(
        f"Add {counted(found.runs, 'run')} to the queue",
        key="sweep_add",
        type="primary",
        icon=":material/playlist_add:",
        disabled=not found.runs,
        on_click=partial(_add, sweep, at),
    )


def _add(sweep: Sweep, at: str) -> None:
    def add() -> None:
        add_sweep(store(), sweep, user_name(), not_before=start_time(at))

    if notices.run_command_at("sweep", add):
        st.toast(f"Added {counted(len(sweep.runs), 'run')} to the queue.", icon=":material/playlist_add:")


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


def _sweep(workflow: Workflow, texts: Mapping[str, str], kind: str, count: int, seed: int) -> Sweep:
    options = [f"{key}={text}" for key, text in texts.items()]
    if kind == "grid":
        return grid(workflow, [read_grid(workflow, option) for option in options])
    return random_search(workflow, [read_random(workflow, option) for option in options], count, seed)
