"""The Step view: walk through a training step stage by stage, with the active node, its description and its data."""

from dataclasses import replace

import streamlit as st

from pages.components.inspect.stage_data import stage_data
from pages.components.shell.escape import plain
from pages.components.shell.notices import carry_out_at, show
from pages.components.shell.readiness import blocked_because, half_walked, loaded
from pages.components.shell.slot import place
from pages.components.shell.state import trainer, who
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


def stage_view(record: RunRecord, seen: Snapshot) -> None:
    """The buttons Next stage and Finish step, the graph, and the last stage with its data."""
    run = stages_of(record.workflow_text, record.batch_size)
    _buttons(seen)
    with place():
        show(PLACE)
    left, right = st.columns([2, 3], gap="medium")
    with left, st.container(height=HEIGHT, border=False):
        _graph(run, seen)
    with right, st.container(height=HEIGHT, border=False, key="stage"):
        if seen.stage is None:
            st.markdown(_waiting(seen))
        else:
            _stage(seen.stage, run, seen)


def _buttons(seen: Snapshot) -> None:
    reason = blocked_because(seen)
    walking = half_walked(seen)
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
            args=(seen,),
        )
        st.button(
            "Finish step",
            key="finish_step",
            icon=":material/last_page:",
            width=140,
            disabled=bool(reason) or not walking,
            help=reason or (None if walking else "The run is not in the middle of a step."),
            on_click=_finish,
            args=(seen,),
        )
        st.progress(min(1.0, seen.stage.number / seen.stage.of) if seen.stage else 0.0, text=_where(seen))


def _graph(run: RunStages, seen: Snapshot) -> None:
    stage = seen.stage
    marks: dict[str, list[NodeMark]] = {seen.active: ["error"]} if seen.state == "failed" else {}
    if stage is not None:
        marks[stage.node] = ["running"]
    graph_view(
        run.workflow,
        NODES,
        key=f"stages {seen.run}",
        selected=stage.node if stage else "",
        marks=marks,
        compact=True,
    )
    if stage is not None:
        then = stage_text.upcoming(stage, run, seen.step)
        st.caption(f"At work: **{plain(run.facts.title(stage.node))}**  \nNext: {plain(then)}")


def _stage(stage: StageSnapshot, run: RunStages, seen: Snapshot) -> None:
    st.subheader(plain(stage_text.heading(stage.name, run)), anchor=False)
    st.markdown(plain(stage_text.caption(stage, run, seen.live)))
    stage_data(stage, run, seen)


def _where(seen: Snapshot) -> str:
    if seen.stage is not None:
        return plain(stage_text.place(seen.stage, seen.step))
    if seen.state == "running":
        return "Training is running"
    return f"Step {seen.step:,} is done" if seen.step else "Before the first step"


def _waiting(seen: Snapshot) -> str:
    if not loaded(seen):
        return (
            "**Load** the run to walk through a step. The images, scores, losses and gradients of each stage appear "
            "here."
        )
    if seen.state == "running":
        return "Training is running. Pause it to walk through a step."
    if reason := blocked_because(seen):
        return reason
    return "Press **Next stage** to walk through the next step, one stage at a time. Training waits between stages."


def _next(seen: Snapshot) -> None:
    # A user who clicks faster than the page is drawn acts on the result of the last click at least, so its version
    # counts if it is newer than the page's. It is kept in a mutable object fetched beforehand, because the next click
    # may abort this callback wherever it accesses the session state.
    walked: dict[str, tuple[int, str, int]] = st.session_state.setdefault("walked", {})
    handle, name = trainer(), who()
    pid, run, version = walked.get("to", (0, "", 0))
    mine = version if (pid, run) == (seen.pid, seen.run) else 0
    if carry_out_at(PLACE, debugging.next_stage, handle, replace(seen, version=max(seen.version, mine)), name):
        now = handle.snapshot
        walked["to"] = (now.pid, now.run, now.version)


def _finish(seen: Snapshot) -> None:
    carry_out_at(PLACE, debugging.finish_step, trainer(), seen, who())
