"""The Step view: walk through a training step stage by stage, with the active node, its description and its data."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from pages.components.inspect.stage_data import stage_data
from pages.components.inspect.stage_rail import selected_stage, stage_rail
from pages.components.shell.browser import layout
from pages.components.shell.notices import run_command_at, show, try_or_show
from pages.components.shell.readiness import blocked_because, loaded, mid_step
from pages.components.shell.state import trainer, user_name
from pages.components.shell.streamlit_gaps import escape, slot
from pages.components.shell.why import why_button
from pages.components.workflow.graph_view import NodeMark, graph_view
from pipeline.formatting import listed
from pipeline.nodes.catalogue import NODES
from pipeline.runs.store import RunRecord
from pipeline.runtime.messages.answers import StageView
from pipeline.runtime.messages.snapshot import Snapshot, StageSnapshot
from pipeline.studio.run import debugging
from pipeline.studio.run.phases import idle_nodes
from pipeline.studio.stages import stage_text
from pipeline.studio.stages.stage_facts import RunStages, stages_of
from pipeline.studio.stages.stage_rail import RailStage, RailUpdate, rail

PLACE = "walk"
HEIGHT = 690
"""Fixed height of both columns, so that nothing moves from stage to stage."""


def stage_view(record: RunRecord, snapshot: Snapshot) -> None:
    """The buttons Next stage and Finish step, the rail of all stages, the graph, and a stage with its data."""
    # Of several processes, each has a share of the batch; shown is that of process 0.
    images = record.batch_size // snapshot.processes
    run = stages_of(record.workflow_text, images, record.data_text)
    share = f" · process 0 of {snapshot.processes:,}, {images:,} of {record.batch_size:,} images"
    _buttons(snapshot, share if snapshot.processes > 1 and snapshot.stage else "")
    with slot():
        show(PLACE)
    chosen = selected_stage(snapshot)
    updates = rail(snapshot, run, chosen)
    wide = layout() == "wide"
    if wide:
        first, left, right = st.columns([1, 2, 3], gap="medium")
        place = first.container(height=HEIGHT, border=False, key="rail")
    else:
        left, right = st.columns([2, 3], gap="medium")
        # The sidebar is as wide as the longest stage's name and free on this page; the graph needs the page's width.
        place = st.sidebar.container(key="rail")
    with place:
        stage_rail(updates, snapshot, folded=not wide)
    with left, st.container(height=HEIGHT, border=False):
        _graph(run, snapshot, next((each.node for each in _stages(updates) if each.number == chosen), ""), wide=wide)
    with right, st.container(height=HEIGHT, border=False, key="stage"):
        _chosen(chosen, updates, run, snapshot)


def _chosen(number: int, updates: Sequence[RailUpdate], run: RunStages, snapshot: Snapshot) -> None:
    """The stage with this number: what it made, or what it is for; with 0, the current one."""
    done = snapshot.stage.number if snapshot.stage else 0
    if number > done:
        _to_come(next(each for each in _stages(updates) if each.number == number), run, snapshot)
    elif 0 < number < done:
        seen = try_or_show(_again, snapshot.run, snapshot.mark, number, snapshot)
        if seen is not None:
            _stage(seen.stage, run, replace(snapshot, stage=seen.stage, stage_images=seen.images))
    elif snapshot.stage is not None:
        _stage(snapshot.stage, run, snapshot)
    else:
        st.markdown(_waiting(snapshot))


def _to_come(stage: RailStage, run: RunStages, snapshot: Snapshot) -> None:
    _heading(stage.name, run, stage.number)
    st.markdown(
        f"To come: stage {stage.number} of this step, at the node {escape(run.facts.title(stage.node))}. "
        "Run to it, and its images and numbers appear here."
    )
    reason = blocked_because(snapshot)
    st.button(
        "Run to this stage",
        key="run_to_stage",
        icon=":material/keyboard_tab:",
        disabled=bool(reason),
        help=reason or "Does the stages up to this one and waits there, like pressing Next stage that often.",
        on_click=_run_to,
        args=(snapshot, stage.number),
    )


def _stages(updates: Sequence[RailUpdate]) -> list[RailStage]:
    return [stage for update in updates for stage in update.stages]


@st.cache_data(show_spinner=False, max_entries=60)
def _again(run: str, mark: tuple[int, int, str], number: int, _snapshot: Snapshot) -> StageView:
    """What a done stage made, fetched once for all browsers while the run is in this state."""
    return debugging.look_at_stage(trainer(), _snapshot, number)


def _buttons(snapshot: Snapshot, share: str) -> None:
    """share: which part of the batch is shown, after the place of the stage."""
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
        done = min(1.0, snapshot.stage.number / snapshot.stage.of) if snapshot.stage else 0.0
        st.progress(done, text=f"{_where(snapshot)}{share}")


def _graph(run: RunStages, snapshot: Snapshot, chosen: str, *, wide: bool) -> None:
    """The graph with the current node marked. chosen: id of the selected stage's node, "" for the current one."""
    stage = snapshot.stage
    marks: dict[str, list[NodeMark]] = {node: ["idle"] for node in idle_nodes(snapshot)}
    if snapshot.state == "failed":
        marks[snapshot.active] = ["error"]
    if stage is not None:
        marks[stage.node] = ["running"]
    graph_view(
        run.workflow,
        NODES,
        key=f"stages {snapshot.run}",
        selected=chosen or (stage.node if stage else ""),
        marks=marks,
        compact=not wide,
    )
    if snapshot.idle:
        names = listed(update.name for update in snapshot.idle)
        st.caption(
            f"Nodes that are *idle now* take no part in the next step, which does not train the {escape(names)}."
        )
    if stage is not None:
        then = stage_text.upcoming(stage, run, snapshot.step)
        st.caption(f"Current node: **{escape(run.facts.title(stage.node))}**  \nNext: {escape(then)}")


def _stage(stage: StageSnapshot, run: RunStages, snapshot: Snapshot) -> None:
    _heading(stage.name, run, stage.number)
    st.markdown(escape(stage_text.caption(stage, run, snapshot.live)))
    stage_data(stage, run, snapshot)


def _heading(name: str, run: RunStages, number: int) -> None:
    heading = stage_text.heading(name, run)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(escape(heading), anchor=False, width="content")
        if why := stage_text.why(name, run):
            why_button(f"the stage {heading}", why, key=f"why_stage {number}")


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


def _run_to(snapshot: Snapshot, number: int) -> None:
    run_command_at(PLACE, debugging.run_to_stage, trainer(), snapshot, user_name(), number)
