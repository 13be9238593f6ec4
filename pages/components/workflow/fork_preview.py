"""Forking on the Workflow page: open a run's workflow as a fork, and preview what the fork would carry over."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from pages.components.run.fork_button import FORK_ICON
from pages.components.shell.page_paths import TRAIN
from pages.components.shell.readiness import loaded, state_word
from pages.components.shell.starting import request_start
from pages.components.shell.state import snapshot_of, store, trainer, user_name
from pages.components.shell.streamlit_gaps import escape
from pages.components.workflow import draft
from pages.components.workflow.layer_table import weights
from pipeline.errors.base import GenscopeError
from pipeline.graph.check import Report
from pipeline.graph.workflow import Workflow
from pipeline.runs.store import RunRecord
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio import workflows
from pipeline.studio.drafts import Draft
from pipeline.studio.run import debugging, forking
from pipeline.studio.run.forking import ForkPoints

NOW = -1
"""Option in the choice of steps: the run's current step when the button is pressed."""


def open_run(run: str, *, fork: bool = False) -> None:
    """Open a run's workflow, with its current live values, in this browser's draft.

    fork: whether starting the draft forks the run. Raises UnknownRun, UnreadableDocument.
    """
    workflow = forking.workflow_of(store(), store().run(run), snapshot_of(run))
    draft.open_run(workflow, run, forking=fork)


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
    parent = workflows.of_run(record.workflow_text, record.data_text)
    try:
        preview = forking.preview(parent, report, partial(weights, meanwhile=meanwhile))
    except GenscopeError:
        return forking.PENDING
    # As the button will read it.
    chosen = st.session_state.get(_step_key(record.id), NOW)
    step = found.now if chosen == NOW else int(chosen)
    return escape(preview.sentence(step)) if preview else "Correct the problems to see what is carried over."


def can_fork(run: str) -> bool:
    """Whether the run has a step to fork from."""
    return _beginnings(snapshot_of(run)).now is not None


def request_fork(run: str, workflow: Workflow) -> None:
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
    return f"At its current step ({step:,}{', still training' if snapshot.busy else ''})"
