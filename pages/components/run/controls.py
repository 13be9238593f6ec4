"""The run's state line, its row of control buttons, which never move, and its error message."""

import streamlit as st

from pages.components.run.rewind_menu import back_menu
from pages.components.shell.escape import plain
from pages.components.shell.notices import carry_out
from pages.components.shell.readiness import blocked_because, complete, half_walked, loaded, state_word
from pages.components.shell.starting import resume
from pages.components.shell.state import trainer, who
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio.run import training

BADGES = {
    "idle": ("gray", ":material/circle:"),
    "building": ("orange", ":material/hourglass_top:"),
    "running": ("green", ":material/play_arrow:"),
    "paused": ("blue", ":material/pause:"),
    "finished": ("violet", ":material/flag:"),
    "failed": ("red", ":material/error:"),
}

RUN_WIDTH = 105


def state_line(seen: Snapshot) -> None:
    """The run's name, its state as a badge, and a sentence that explains the state."""
    state = state_word(seen)
    colour, icon = BADGES[state]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(plain(seen.name) or "Train", width="content", anchor=False)
        st.badge(state, color=colour, icon=icon)  # type: ignore[arg-type]  # BADGES has valid colours
        st.caption(plain(_meaning(seen)))


def run_controls(seen: Snapshot) -> None:
    """Run or Pause, Step, Chunk with its length, Back and Save checkpoint. The help of a disabled button says why."""
    reason = blocked_because(seen)
    stepping = reason or ("All planned steps are done. Press Run to add more steps." if complete(seen) else "")
    saving = blocked_because(seen, moving=True)
    with st.container(horizontal=True, vertical_alignment="bottom", key="run_controls", gap="xsmall"):
        _run_or_pause(seen)
        st.button(
            "Step",
            key="step",
            icon=":material/skip_next:",
            width=100,
            disabled=bool(stepping),
            help=stepping or "Train one step and pause.",
            on_click=carry_out,
            args=(training.step, trainer(), seen, who()),
        )
        st.button(
            "Chunk",
            key="chunk",
            icon=":material/fast_forward:",
            width=105,
            disabled=bool(stepping),
            help=stepping or "Train the number of steps in the field next to this button, and pause.",
            on_click=_chunk,
            args=(seen,),
        )
        st.number_input(
            "Steps in a chunk",
            min_value=1,
            max_value=1_000_000,
            value=100,
            key="chunk_steps",
            width=130,
            label_visibility="collapsed",
            persist_state="session",
        )
        back_menu(seen, width=110)
        st.button(
            "Save checkpoint",
            key="save",
            icon=":material/save:",
            width=180,
            disabled=bool(saving),
            help=saving or "Save this step to disk, to go back to it or resume from it later.",
            on_click=carry_out,
            args=(training.save_checkpoint, trainer(), seen, who()),
        )


def _run_or_pause(seen: Snapshot) -> None:
    ready = seen.engine == "ready"
    if seen.state == "running" and ready:
        st.button(
            "Pause",
            key="pause",
            icon=":material/pause:",
            type="primary",
            width=RUN_WIDTH,
            on_click=carry_out,
            args=(training.pause, trainer(), seen, who()),
        )
    elif complete(seen) and ready and not seen.held_by:
        with st.popover("Run", icon=":material/play_arrow:", width=RUN_WIDTH):
            st.number_input("Further steps", min_value=1, max_value=1_000_000_000, value=1000, key="further")
            st.button("Train further", key="run_further", on_click=_train_further, args=(seen,), type="primary")
    else:
        # For a run that is not loaded, Run resumes it.
        reason = blocked_because(seen) if loaded(seen) or seen.held_by or seen.state in ("failed", "idle") else ""
        st.button(
            "Run",
            key="run",
            icon=":material/play_arrow:",
            type="primary",
            width=RUN_WIDTH,
            disabled=bool(reason),
            help=reason or None,
            on_click=_go_on,
            args=(seen,),
        )


def trouble(seen: Snapshot) -> None:
    """The error of a failed run, and buttons that resume it from its last checkpoint."""
    if seen.engine == "gone":
        sentence = f"The engine's process has ended ({seen.trouble}). Everything up to the last checkpoint is kept."
    elif seen.state == "failed":
        sentence = seen.error
    else:
        return
    st.error(plain(sentence), icon=":material/error:")
    if seen.run:
        with st.container(horizontal=True):
            st.button(
                "Resume from the last checkpoint",
                key="resume",
                icon=":material/restart_alt:",
                on_click=resume,
                args=(seen.run,),
            )
            st.button(
                "Load without running",
                key="load",
                icon=":material/pause:",
                on_click=resume,
                args=(seen.run,),
                kwargs={"paused": True},
            )


# The callbacks read the number fields when the click arrives: a number typed just before it is newer than the page.


def _chunk(seen: Snapshot) -> None:
    carry_out(training.chunk, trainer(), seen, who(), int(st.session_state.chunk_steps))


def _train_further(seen: Snapshot) -> None:
    _go_on(seen, int(st.session_state.further))


def _go_on(seen: Snapshot, steps: int | None = None) -> None:
    if trainer().snapshot.run == seen.run:
        carry_out(training.run_on, trainer(), seen, who(), steps=steps)
    else:
        resume(seen.run, steps)


def _meaning(seen: Snapshot) -> str:
    by = f" by {seen.who}" if seen.who else ""
    if seen.engine == "starting":
        return "The engine is starting; this takes a few seconds."
    if seen.engine == "gone":
        return "The engine's process has ended."
    return {
        "idle": "Nothing is loaded.",
        "building": seen.doing or "Preparing the run",
        "running": f"{seen.doing}{by}" if seen.doing else f"Training on {seen.device}{by}",
        "paused": _waiting(seen),
        "finished": f"All {seen.total_steps:,} steps are done",
        "failed": f"Stopped at step {seen.step:,}" + (f" by node {seen.active}" if seen.active else ""),
    }[seen.state]


def _waiting(seen: Snapshot) -> str:
    if seen.stage is not None and half_walked(seen):
        return f"Inside step {seen.step + 1:,}, after stage {seen.stage.number} of {seen.stage.of}"
    return f"Waiting at step {seen.step:,}"
