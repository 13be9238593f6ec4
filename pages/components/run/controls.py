"""The run's state line, its row of control buttons, which never move, and its error message."""

from dataclasses import dataclass

import streamlit as st

from pages.components.run.fork_button import lineage
from pages.components.run.hints import health_badge
from pages.components.run.more_menu import more_menu
from pages.components.run.rewind_menu import back_menu
from pages.components.shell.browser import layout
from pages.components.shell.notices import run_command
from pages.components.shell.readiness import all_steps_done, blocked_because, loaded, mid_step, state_word
from pages.components.shell.starting import resume
from pages.components.shell.state import store, trainer, user_name
from pages.components.shell.streamlit_gaps import LOOSE_SECONDS, escape, while_busy
from pipeline.formatting import place
from pipeline.runs.store import RunRecord
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio.run import training
from pipeline.studio.run.titles import node_title

BADGES = {
    "idle": ("gray", ":material/circle:"),
    "building": ("orange", ":material/hourglass_top:"),
    "running": ("green", ":material/play_arrow:"),
    "paused": ("blue", ":material/pause:"),
    "finished": ("violet", ":material/flag:"),
    "failed": ("red", ":material/error:"),
    "interrupted": ("orange", ":material/power_off:"),
}


@dataclass(frozen=True)
class Widths:
    """The widths of the row's elements in pixels. icons: whether its buttons have icons."""

    run: int
    step: int
    chunk: int
    steps: int
    back: int
    more: int
    icons: bool = True

    def icon(self, name: str) -> str | None:
        return f":material/{name}:" if self.icons else None


ROOMY = Widths(105, 100, 105, 130, 110, 110)
TIGHT = Widths(78, 66, 78, 90, 88, 88, icons=False)
"""Where a window is narrow, labels alone, so that none is cut."""


def state_line(record: RunRecord, snapshot: Snapshot) -> None:
    """The run's name, its state as a badge, a sentence that explains the state, and the run's health."""
    state: str = state_word(snapshot)
    meaning = _meaning(snapshot)
    # Its process died: a run that waits where a user paused it is another thing, and the list of runs says so too.
    if state == "paused" and record.state == "interrupted" and not loaded(snapshot):
        state, meaning = "interrupted", f"Its process ended at step {snapshot.step:,}"
    colour, icon = BADGES[state]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(escape(snapshot.name) or "Train", width="content", anchor=False)
        st.badge(state, color=colour, icon=icon)  # type: ignore[arg-type]  # BADGES has valid colours
        st.caption(escape(meaning), width="content")
        lineage(record)
        # Last, because a fragment takes what is left of the line.
        st.fragment(health_badge, run_every=while_busy(snapshot, LOOSE_SECONDS))(record.id)


def run_controls(record: RunRecord, snapshot: Snapshot) -> None:
    """Run or Pause, Step, Chunk with its length, Back and More. The help of a disabled button says why."""
    reason = blocked_because(snapshot)
    stepping = reason or (
        "All planned steps are done. Press Run to add more steps." if all_steps_done(snapshot) else ""
    )
    widths = TIGHT if layout() == "narrow" else ROOMY
    with st.container(horizontal=True, vertical_alignment="bottom", key="run_controls", gap="xsmall"):
        _run_or_pause(snapshot, widths)
        st.button(
            "Step",
            key="step",
            icon=widths.icon("skip_next"),
            width=widths.step,
            disabled=bool(stepping),
            help=stepping or "Train one step and pause.",
            on_click=run_command,
            args=(training.step, trainer(), snapshot, user_name()),
        )
        st.button(
            "Chunk",
            key="chunk",
            icon=widths.icon("fast_forward"),
            width=widths.chunk,
            disabled=bool(stepping),
            help=stepping or "Train the number of steps in the field next to this button, and pause.",
            on_click=_chunk,
            args=(snapshot,),
        )
        st.number_input(
            "Steps in a chunk",
            min_value=1,
            max_value=1_000_000,
            value=100,
            key="chunk_steps",
            width=widths.steps,
            label_visibility="collapsed",
            persist_state="session",
        )
        back_menu(snapshot, widths.back, widths.icon("undo"))
        more_menu(record, snapshot, widths.more, widths.icon("more_horiz"))


def _run_or_pause(snapshot: Snapshot, widths: Widths) -> None:
    ready = snapshot.engine == "ready"
    if snapshot.state == "running" and ready:
        st.button(
            "Pause",
            key="pause",
            icon=widths.icon("pause"),
            type="primary",
            width=widths.run,
            on_click=run_command,
            args=(training.pause, trainer(), snapshot, user_name()),
        )
    elif all_steps_done(snapshot) and ready and not snapshot.held_by:
        with st.popover("Run", icon=widths.icon("play_arrow"), width=widths.run):
            st.number_input("More steps", min_value=1, max_value=1_000_000_000, value=1000, key="further")
            st.button("Continue training", key="run_further", on_click=_train_further, args=(snapshot,), type="primary")
    else:
        # For a run that is not loaded, Run resumes it.
        reason = (
            blocked_because(snapshot)
            if loaded(snapshot) or snapshot.held_by or snapshot.state in ("failed", "idle")
            else ""
        )
        st.button(
            "Run",
            key="run",
            icon=widths.icon("play_arrow"),
            type="primary",
            width=widths.run,
            disabled=bool(reason),
            help=reason or None,
            on_click=_go_on,
            args=(snapshot,),
        )


def trouble(snapshot: Snapshot) -> None:
    """The error of a failed run, or of an engine that has ended without saving it, and buttons that resume the run from
    its last checkpoint."""
    sentences = [snapshot.error] if snapshot.state == "failed" else []
    if snapshot.engine == "gone":
        sentences.append(f"The engine has ended ({snapshot.trouble}). Everything up to the last checkpoint is kept.")
    if not sentences:
        return
    st.error(escape(" ".join(sentences)), icon=":material/error:")
    if snapshot.run:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                "Resume from the last checkpoint",
                key="resume",
                icon=":material/restart_alt:",
                help="Load this checkpoint, and train on from there.",
                on_click=resume,
                args=(snapshot.run,),
            )
            st.button(
                "Load without running",
                key="load",
                icon=":material/pause:",
                on_click=resume,
                args=(snapshot.run,),
                kwargs={"paused": True},
            )
            if snapshot.saved is not None:
                st.caption(f"The last checkpoint is of step {snapshot.saved:,}.", width="content")


# The callbacks read the number fields when the click arrives: a number typed just before it is newer than the page.


def _chunk(snapshot: Snapshot) -> None:
    run_command(training.chunk, trainer(), snapshot, user_name(), int(st.session_state.chunk_steps))


def _train_further(snapshot: Snapshot) -> None:
    _go_on(snapshot, int(st.session_state.further))


def _go_on(snapshot: Snapshot, steps: int | None = None) -> None:
    if trainer().snapshot.run == snapshot.run:
        run_command(training.continue_run, trainer(), snapshot, user_name(), steps=steps)
    else:
        resume(snapshot.run, steps)


def _meaning(snapshot: Snapshot) -> str:
    by = f" by {snapshot.who}" if snapshot.who else ""
    if snapshot.engine == "starting":
        return "The engine is starting; this takes a few seconds."
    if snapshot.engine == "gone":
        return "The engine has ended."
    return {
        "idle": "No run is loaded.",
        "building": snapshot.doing or "Preparing the run",
        "running": f"{_moving(snapshot)}{by}",
        "paused": _waiting(snapshot),
        "finished": f"All {snapshot.total_steps:,} steps are done",
        "failed": f"Stopped at step {snapshot.step:,}" + (_culprit(snapshot) if snapshot.active else ""),
    }[snapshot.state]


def _moving(snapshot: Snapshot) -> str:
    # The progress line below counts what is prepared.
    preparing = f"Preparing step {snapshot.step + 1:,}" if snapshot.preparing else ""
    return preparing or snapshot.doing or f"Training on {place(snapshot.device, snapshot.processes)}"


def _culprit(snapshot: Snapshot) -> str:
    return f" by the node {node_title(store().run(snapshot.run), snapshot.active)}"


def _waiting(snapshot: Snapshot) -> str:
    if snapshot.stage is not None and mid_step(snapshot):
        return f"Inside step {snapshot.step + 1:,}, after stage {snapshot.stage.number} of {snapshot.stage.of}"
    return f"Waiting at step {snapshot.step:,}"
