"""Forking a run: the way to the Workflow page and back, what would be carried over, and where a fork came from."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from pages.components.shell.escape import plain
from pages.components.shell.navigation import ask_to_leave
from pages.components.shell.readiness import loaded, state_word
from pages.components.shell.starting import TRAIN, ask_to_begin
from pages.components.shell.state import snapshot_of, store, trainer, who
from pages.components.workflow import draft
from pages.components.workflow.draft import Draft
from pages.components.workflow.layer_table import weights
from pipeline.errors.base import GenscopeError
from pipeline.errors.workflow import UnknownNode
from pipeline.graph import document
from pipeline.graph.check import Report
from pipeline.graph.workflow import Workflow
from pipeline.runs.store import RunRecord
from pipeline.runtime.messages import Snapshot
from pipeline.studio import workflows
from pipeline.studio.run import debugging, forking
from pipeline.studio.run.forking import Beginnings

WORKFLOW = "pages/1_Workflow.py"
FORK_ICON = ":material/call_split:"
NOW = -1
"""In the choice of steps: where the run stands when the button is pressed."""


def fork_button(record: RunRecord, seen: Snapshot, key: str = "fork") -> None:
    """The way to the Workflow page, where anything can be changed before the run goes on as a new one."""
    st.button(
        "Fork…",
        key=key,
        icon=FORK_ICON,
        disabled=seen.state in ("idle", "building"),
        help="Opens this run's workflow. Change anything in it, and go on from here as a new run; this one stays as "
        "it is.",
        on_click=ask_to_leave,
        args=(WORKFLOW,),
        kwargs={"fork": record.id},
    )


def rebuild_line(record: RunRecord, seen: Snapshot, key: str = "fork_rebuild") -> None:
    """Below the live parameters: what to do about all the others."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Other parameters need a rebuild:", width="content")
        fork_button(record, seen, key)


def lineage(record: RunRecord) -> None:
    """Of a fork, which run and step it goes on from, with the way there; nothing for another run."""
    if record.parent is None:
        return
    parent = store().run(record.parent)
    st.button(
        f":small[Forked from {plain(parent.name)} at step {record.parent_step or 0:,}]",
        key="open_parent",
        icon=FORK_ICON,
        type="tertiary",
        help=f"Open run {parent.id}",
        on_click=st.query_params.from_dict,
        args=({"run": parent.id},),
    )


def open_run(run: str, node: str = "", *, fork: bool = False) -> None:
    """Opens a run's workflow, as it is in force, in this browser's draft and shows one of its nodes.

    fork: to go on from the run. Raises UnknownRun, UnreadableDocument; UnknownNode with the workflow opened.
    """
    workflow = forking.workflow_of(store(), store().run(run), snapshot_of(run))
    draft.open_run(workflow, run, forking=fork)
    if node and node not in workflow.nodes:
        raise UnknownNode(node[:60], workflow.nodes)
    draft.select(node)


def descent_line(now: Draft, report: Report) -> None:
    """Of a draft that comes from a run: whether it is to be a fork, from which step, and what would be carried over."""
    if not now.descent.run:
        return
    record = store().run(now.descent.run)
    with st.container(border=True, gap="xsmall"):
        if now.descent.forking:
            _fork(record, report)
        else:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"From the run **{plain(record.name)}**; Start run begins anew at step 0.", width="content")
                st.button(
                    "Fork it instead", key="fork_instead", icon=FORK_ICON, on_click=draft.set_forking, args=(True,)
                )


def _fork(record: RunRecord, report: Report) -> None:
    seen = snapshot_of(record.id)
    found = _beginnings(seen)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link(
            TRAIN,
            label=f"Fork of **{plain(record.name)}**",
            icon=FORK_ICON,
            help=f"Open run {record.id}",
            query_params={"run": record.id},
        )
        if found.now is not None:
            names = {NOW: _present(found.now, seen)} | {step: f"At step {step:,}, a checkpoint" for step in found.kept}
            st.selectbox(
                "Step to go on from",
                list(names),
                key=_step_key(record.id),
                format_func=names.__getitem__,
                label_visibility="collapsed",
                width=330,
            )
        st.space("stretch")
        st.button(
            "Start afresh instead",
            key="start_afresh",
            type="tertiary",
            help="Keeps the workflow as it is here, and begins it anew at step 0.",
            on_click=draft.set_forking,
            args=(False,),
        )
    place = st.empty()
    place.caption(_sentence(record, report, found, meanwhile=partial(place.caption, forking.UNTOLD)))


def _sentence(record: RunRecord, report: Report, found: Beginnings, meanwhile: Callable[[], object]) -> str:
    """meanwhile: called before an engine is asked."""
    if found.now is None:
        return "This run has saved no checkpoint to go on from. Start afresh instead."
    parent = workflows.report(document.read(record.workflow_text, "The run's workflow"))
    try:
        preview = forking.preview(parent, report, partial(weights, meanwhile=meanwhile))
    except GenscopeError:
        return forking.UNTOLD
    return plain(preview.sentence) if preview else "What is carried over is said once the problems are corrected."


def can_fork(run: str) -> bool:
    """Whether the run has anything to go on from."""
    return _beginnings(snapshot_of(run)).now is not None


def ask_to_fork(run: str, workflow: Workflow) -> None:
    """For a button's callback: the page forks the run with this workflow when it is drawn next, and goes to Train."""
    # The step is read when the click arrives: chosen just before it, it is newer than the page.
    chosen = st.session_state.get(_step_key(run), NOW)
    step = None if chosen == NOW else int(chosen)
    ask_to_begin(partial(debugging.fork, trainer(), run, workflow, who(), step=step))


def _beginnings(seen: Snapshot) -> Beginnings:
    return forking.beginnings(store(), seen, under_way=loaded(seen) and state_word(seen) != "failed")


def _step_key(run: str) -> str:
    return f"fork_step {run}"


def _present(step: int, seen: Snapshot) -> str:
    if not loaded(seen):
        return f"At its last checkpoint (step {step:,})"
    return f"Where it stands now (step {step:,}{' and moving' if seen.busy else ''})"
