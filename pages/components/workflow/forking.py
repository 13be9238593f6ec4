"""Fork a run: links to the Workflow page, a preview of what is carried over, and a link from a fork to its parent."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from pages.components.shell.readiness import loaded, state_word
from pages.components.shell.starting import TRAIN, request_start
from pages.components.shell.state import snapshot_of, store, trainer, user_name
from pages.components.shell.streamlit_gaps import escape, request_page
from pages.components.workflow import draft
from pages.components.workflow.draft import Draft
from pages.components.workflow.layer_table import weights
from pipeline.errors.base import GenscopeError
from pipeline.errors.workflow import UnknownNode
from pipeline.graph import document
from pipeline.graph.check import Report
from pipeline.graph.workflow import Workflow
from pipeline.runs.store import RunRecord
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio import workflows
from pipeline.studio.run import debugging, forking
from pipeline.studio.run.forking import ForkPoints

WORKFLOW = "pages/1_Workflow.py"
FORK_ICON = ":material/call_split:"
NOW = -1
"""Option in the choice of steps: the run's current step when the button is pressed."""


def fork_button(record: RunRecord, snapshot: Snapshot, key: str = "fork") -> None:
    """A button that opens the run's workflow on the Workflow page, to edit it and continue as a new run."""
    st.button(
        "Fork…",
        key=key,
        icon=FORK_ICON,
        disabled=snapshot.state in ("idle", "building"),
        help="Open this run's workflow, change anything, and continue from here as a new run. This run stays "
        "unchanged.",
        on_click=request_page,
        args=(WORKFLOW,),
        kwargs={"fork": record.id},
    )


def rebuild_line(record: RunRecord, snapshot: Snapshot, key: str = "fork_rebuild") -> None:
    """Below the live parameters: a Fork button for all other parameters."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("To change other parameters, fork the run:", width="content")
        fork_button(record, snapshot, key)


def lineage(record: RunRecord) -> None:
    """For a fork, a link to the run that it was forked from, with the step; nothing for other runs."""
    if record.parent is None:
        return
    parent = store().run(record.parent)
    st.button(
        f":small[Forked from {escape(parent.name)} at step {record.parent_step or 0:,}]",
        key="open_parent",
        icon=FORK_ICON,
        type="tertiary",
        help=f"Open run {parent.id}",
        on_click=st.query_params.from_dict,
        args=({"run": parent.id},),
    )


def open_run(run: str, node: str = "", *, fork: bool = False) -> None:
    """Open a run's workflow, with its current live values, in this browser's draft and select one of its nodes.

    fork: whether starting the draft forks the run. Raises UnknownRun, UnreadableDocument; and UnknownNode after the
    workflow has been opened.
    """
    workflow = forking.workflow_of(store(), store().run(run), snapshot_of(run))
    draft.open_run(workflow, run, forking=fork)
    if node and node not in workflow.nodes:
        raise UnknownNode(node[:60], workflow.nodes)
    draft.select(node)


def descent_line(now: Draft, report: Report) -> None:
    """For a draft from a run: whether starting it forks the run, from which step, and what would be carried over."""
    if not now.descent.run:
        return
    record = store().run(now.descent.run)
    with st.container(border=True, gap="xsmall"):
        if now.descent.forking:
            _fork(record, report)
        else:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(
                    f"From the run **{escape(record.name)}**. Start run starts a new run at step 0.", width="content"
                )
                st.button(
                    "Fork it instead", key="fork_instead", icon=FORK_ICON, on_click=draft.set_forking, args=(True,)
                )


def _fork(record: RunRecord, report: Report) -> None:
    snapshot = snapshot_of(record.id)
    found = _beginnings(snapshot)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link(
            TRAIN,
            label=f"Fork of **{escape(record.name)}**",
            icon=FORK_ICON,
            help=f"Open run {record.id}",
            query_params={"run": record.id},
        )
        if found.now is not None:
            names = {NOW: _present(found.now, snapshot)} | {
                step: f"At step {step:,}, a checkpoint" for step in found.kept
            }
            st.selectbox(
                "Step to fork from",
                list(names),
                key=_step_key(record.id),
                format_func=names.__getitem__,
                label_visibility="collapsed",
                width=330,
            )
        st.space("stretch")
        st.button(
            "Start at step 0 instead",
            key="start_afresh",
            type="tertiary",
            help="Keep the workflow as it is here, but start a new run at step 0.",
            on_click=draft.set_forking,
            args=(False,),
        )
    place = st.empty()
    place.caption(_sentence(record, report, found, meanwhile=partial(place.caption, forking.PENDING)))


def _sentence(record: RunRecord, report: Report, found: ForkPoints, meanwhile: Callable[[], object]) -> str:
    """What a fork would carry over, as a sentence. meanwhile: called before an engine is asked."""
    if found.now is None:
        return "This run has no checkpoint to fork from. Start at step 0 instead."
    parent = workflows.report(document.read(record.workflow_text, "The run's workflow"))
    try:
        preview = forking.preview(parent, report, partial(weights, meanwhile=meanwhile))
    except GenscopeError:
        return forking.PENDING
    return escape(preview.sentence) if preview else "Correct the problems to see what is carried over."


def can_fork(run: str) -> bool:
    """Whether the run has a step to fork from."""
    return _beginnings(snapshot_of(run)).now is not None


def ask_to_fork(run: str, workflow: Workflow) -> None:
    """For a button's callback: on the next page run, fork the run with this workflow and go to Train."""
    # The step is read when the click arrives, because a choice made just before it is newer than the page.
    chosen = st.session_state.get(_step_key(run), NOW)
    step = None if chosen == NOW else int(chosen)
    request_start(partial(debugging.fork, trainer(), run, workflow, user_name(), step=step))


def _beginnings(snapshot: Snapshot) -> ForkPoints:
    return forking.fork_points(store(), snapshot, under_way=loaded(snapshot) and state_word(snapshot) != "failed")


def _step_key(run: str) -> str:
    return f"fork_step {run}"


def _present(step: int, snapshot: Snapshot) -> str:
    if not loaded(snapshot):
        return f"At its last checkpoint (step {step:,})"
    return f"At its current step ({step:,}{' and training' if snapshot.busy else ''})"
