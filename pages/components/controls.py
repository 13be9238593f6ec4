"""The row of buttons that change the run, in places that never move."""

import streamlit as st

from pages.components.notices import carry_out
from pages.components.plain import plain
from pages.components.starting import take_up
from pages.components.state import trainer, who
from pipeline.runtime.messages import RunState, Snapshot
from pipeline.studio import training

BADGES = {
    "idle": ("gray", ":material/circle:"),
    "building": ("orange", ":material/hourglass_top:"),
    "running": ("green", ":material/play_arrow:"),
    "paused": ("blue", ":material/pause:"),
    "finished": ("violet", ":material/flag:"),
    "failed": ("red", ":material/error:"),
}


def state_word(seen: Snapshot) -> RunState:
    """The run's state; it has failed, whatever was last heard of it, where its process is no more."""
    return "failed" if seen.engine == "gone" else seen.state


def state_line(seen: Snapshot) -> None:
    """The run's name, its state in a word, and in a sentence what that means."""
    state = state_word(seen)
    colour, icon = BADGES[state]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(plain(seen.name) or "Train", width="content", anchor=False)
        st.badge(state, color=colour, icon=icon)  # type: ignore[arg-type]  # the colours are its literals
        st.caption(plain(_meaning(seen)))


def run_controls(seen: Snapshot) -> None:
    """Run or Pause, Step, Chunk with its length, Save checkpoint; what cannot be done now is greyed out."""
    ready = seen.engine == "ready"
    under_way = ready and trainer().snapshot.run == seen.run
    still = ready and not seen.busy and seen.state not in ("failed", "finished", "idle")
    with st.container(horizontal=True, vertical_alignment="bottom", key="run_controls"):
        if seen.state == "running" and ready:
            st.button(
                "Pause",
                key="pause",
                icon=":material/pause:",
                type="primary",
                width=110,
                on_click=carry_out,
                args=(training.pause, trainer(), seen, who()),
            )
        elif seen.state == "finished" and ready:
            with st.popover("Run", icon=":material/play_arrow:", width=110):
                st.number_input("Further steps", min_value=1, max_value=1_000_000_000, value=1000, key="further")
                st.button("Train further", key="run_further", on_click=_train_further, args=(seen,), type="primary")
        else:
            st.button(
                "Run",
                key="run",
                icon=":material/play_arrow:",
                type="primary",
                width=110,
                disabled=not still,
                on_click=_go_on,
                args=(seen,),
            )
        st.button(
            "Step",
            key="step",
            icon=":material/skip_next:",
            width=110,
            disabled=not (still and under_way),
            help="Train one step and pause.",
            on_click=carry_out,
            args=(training.step, trainer(), seen, who()),
        )
        st.button(
            "Chunk",
            key="chunk",
            icon=":material/fast_forward:",
            width=110,
            disabled=not (still and under_way),
            help="Train as many steps as the field beside it says, and pause.",
            on_click=_chunk,
            args=(seen,),
        )
        st.number_input(
            "Steps in a chunk",
            min_value=1,
            max_value=1_000_000,
            value=100,
            key="chunk_steps",
            width=150,
            label_visibility="collapsed",
            persist_state="session",
        )
        st.button(
            "Save checkpoint",
            key="save",
            icon=":material/save:",
            width=180,
            disabled=not under_way or seen.state not in ("running", "paused", "finished"),
            on_click=carry_out,
            args=(training.save_checkpoint, trainer(), seen, who()),
        )


def trouble(seen: Snapshot) -> None:
    """What went wrong, where, and the button that goes on from the last checkpoint."""
    if seen.engine == "gone":
        sentence = f"The trainer's process has ended ({seen.trouble}). Everything up to the last checkpoint is kept."
    elif seen.state == "failed":
        sentence = seen.error
    else:
        return
    st.error(plain(sentence), icon=":material/error:")
    if seen.run:
        st.button(
            "Go on from the last checkpoint",
            key="resume",
            icon=":material/restart_alt:",
            on_click=take_up,
            args=(seen.run,),
        )


# The numbers are read when the click arrives: typed just before it, they are newer than the page.


def _chunk(seen: Snapshot) -> None:
    carry_out(training.chunk, trainer(), seen, who(), int(st.session_state.chunk_steps))


def _train_further(seen: Snapshot) -> None:
    _go_on(seen, int(st.session_state.further))


def _go_on(seen: Snapshot, steps: int | None = None) -> None:
    if trainer().snapshot.run == seen.run:
        carry_out(training.run_on, trainer(), seen, who(), steps=steps)
    else:
        take_up(seen.run, steps)


def _meaning(seen: Snapshot) -> str:
    by = f" by {seen.who}" if seen.who else ""
    if seen.engine == "starting":
        return "The trainer is starting; this takes a few seconds."
    if seen.engine == "gone":
        return "The trainer's process has ended."
    return {
        "idle": "Nothing is loaded.",
        "building": seen.doing or "Preparing the run",
        "running": f"Training on {seen.device}, set going{by}",
        "paused": f"Waiting at step {seen.step:,}",
        "finished": f"All {seen.total_steps:,} steps are done",
        "failed": f"Stopped at step {seen.step:,}" + (f" by node {seen.active}" if seen.active else ""),
    }[seen.state]
