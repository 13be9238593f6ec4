"""The Step view: walk through a training step stage by stage, with the active node, its description and its data."""

from dataclasses import replace

import streamlit as st

from pages.components.inspect.stage_data import stage_data
from pages.components.shell.notices import run_command_at, show
from pages.components.shell.readiness import blocked_because, loaded, mid_step
from pages.components.shell.state import trainer, user_name
from pages.components.shell.streamlit_gaps import escape, slot
from pages.components.workflow.graph_view import NodeMark, graph_view
from pipeline.nodes.catalogue import NODES
from pipeline.runs.store import RunRecord
from pipeline.runtime.messages.snapshot import Snapshot, StageSnapshot
from pipeline.studio.run import debugging
from pipeline.studio.stages import stage_text
from pipeline.studio.stages.stage_facts import RunStages, stages_of

PLACE = "walk"
HEIGHT = 690
"""Fixed height of both columns, so that nothing moves from stage to stage."""


def stage_view(record: RunRecord, snapshot: Snapshot) -> None:
    """The buttons Next stage and Finish step, the graph, and the last stage with its data."""
    run = stages_of(record.workflow_text, record.batch_size, record.data_text)
    _buttons(snapshot)
    with slot():
        show(PLACE)
    left, right = st.columns([2, 3], gap="medium")
    with left, st.container(height=HEIGHT, border=False):
        _graph(run, snapshot)
    with right, st.container(height=HEIGHT, border=False, key="stage"):
        if snapshot.stage is None:
            st.markdown(_waiting(snapshot))
        else:
            _stage(snapshot.stage, run, snapshot)


def _buttons(snapshot: Snapshot) -> None:
    reason = blocked_because(snapshot)
    walking = mid_step(snapshot)
    with st.container(horizontal=True, vertical_alignment="center", key="walk"):
        st.button(
            "Next stage",
            key="next_stage",
            icon=":material/arrow_forward:",
            type="primary",
            width=140,
            disabled=bool(reason),
            help=reason or None,
            on_click=_next,
            args=(snapshot,),
        )
        st.button(
            "Finish step",
            key="finish_step",
            icon=":material/last_page:",
            width=140,
            disabled=bool(reason) or not walking,
            help=reason or (None if walking else "The run is not in the middle of a step."),
            on_click=_finish,
            args=(snapshot,),
        )
        st.progress(
            min(1.0, snapshot.stage.number / snapshot.stage.of) if snapshot.stage else 0.0, text=_where(snapshot)
        )


def _graph(run: RunStages, snapshot: Snapshot) -> None:
    stage = snapshot.stage
    marks: dict[str, list[NodeMark]] = {snapshot.active: ["error"]} if snapshot.state == "failed" else {}
    if stage is not None:
        marks[stage.node] = ["running"]
    graph_view(
        run.workflow,
        NODES,
        key=f"stages {snapshot.run}",
        selected=stage.node if stage else "",
        marks=marks,
        compact=True,
    )
    if stage is not None:
        then = stage_text.upcoming(stage, run, snapshot.step)
        st.caption(f"Current node: **{escape(run.facts.title(stage.node))}**  \nNext: {escape(then)}")


def _stage(stage: StageSnapshot, run: RunStages, snapshot: Snapshot) -> None:
    st.subheader(escape(stage_text.heading(stage.name, run)), anchor=False)
    st.markdown(escape(stage_text.caption(stage, run, snapshot.live)))
    stage_data(stage, run, snapshot)


def _where(snapshot: Snapshot) -> str:
    if snapshot.stage is not None:
        return escape(stage_text.place(snapshot.stage, snapshot.step))
    if snapshot.state == "running":
        return "Training is running"
    return f"Step {snapshot.step:,} is done" if snapshot.step else "Before the first step"


def _waiting(snapshot: Snapshot) -> str:
    if not loaded(snapshot):
        return (
            "**Load** the run to walk through a step. The images, scores, losses and gradients of each stage appear "
            "here."
        )
    if snapshot.state == "running":
        return "Training is running. Pause it to walk through a step."
    if reason := blocked_because(snapshot):
        return reason
    return "Press **Next stage** to walk through the next step, one stage at a time. Training waits between stages."


def _next(snapshot: Snapshot) -> None:
    # A user who clicks faster than the page is drawn acts on the result of the last click at least, so its version
    # counts if it is newer than the page's. It is kept in a mutable object fetched beforehand, because the next click
    # may abort this callback wherever it accesses the session state.
    walked: dict[str, tuple[int, str, int]] = st.session_state.setdefault("walked", {})
    handle, name = trainer(), user_name()
    pid, run, version = walked.get("to", (0, "", 0))
    mine = version if (pid, run) == (snapshot.pid, snapshot.run) else 0
    if run_command_at(
        PLACE, debugging.next_stage, handle, replace(snapshot, version=max(snapshot.version, mine)), name
    ):
        reached = handle.snapshot
        walked["to"] = (reached.pid, reached.run, reached.version)


def _finish(snapshot: Snapshot) -> None:
    run_command_at(PLACE, debugging.finish_step, trainer(), snapshot, user_name())
