"""Status messages under the run's buttons: why it stopped, rewound, open elsewhere, not loaded, streamed, forked."""

import streamlit as st

from pages.components.run.branching import told_of_forks
from pages.components.run.rewind_menu import back_buttons
from pages.components.shell.escape import plain
from pages.components.shell.notices import carry_out
from pages.components.shell.readiness import blocked_because, loaded
from pages.components.shell.starting import resume
from pages.components.shell.state import trainer, who
from pipeline.runs.store import RunRecord
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio.run import debugging


def standing(record: RunRecord, seen: Snapshot) -> None:
    """Show the messages that apply, with buttons for what to do next."""
    _stopped(seen)
    _in_the_past(seen)
    _elsewhere(seen)
    _not_loaded(seen)
    _streamed(seen)
    told_of_forks(record, seen)


def _stopped(seen: Snapshot) -> None:
    if not seen.stop_kind or seen.state == "failed" or seen.engine == "gone":
        return
    sentence = plain(seen.stopped)
    match seen.stop_kind:
        case "not finite":
            st.error(sentence, icon=":material/error:")
            back_buttons(seen)
        case "mistake":
            st.warning(sentence, icon=":material/warning:")
        case _:
            st.info(sentence, icon=":material/pause_circle:")


def _in_the_past(seen: Snapshot) -> None:
    # While the run moves, the progress bar says so.
    if seen.step >= seen.head or blocked_because(seen):
        return
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        st.markdown(
            f":material/history: At step {seen.step:,} of {seen.head:,} recorded steps. Run replays up to step "
            f"{seen.head:,} and records nothing new; a change makes a fork from here.",
        )
        st.button(
            f"Forward to step {seen.head:,}",
            key="forward",
            icon=":material/redo:",
            on_click=carry_out,
            args=(debugging.run_to, trainer(), seen, who(), seen.head),
        )


def _elsewhere(seen: Snapshot) -> None:
    if not seen.held_by:
        return
    does = "trains this run; Pause works from here" if seen.state == "running" else "has this run open"
    sentence = plain(f"Another process ({seen.held_by}) {does}. The page shows what that process records.")
    st.markdown(f":material/terminal: {sentence}")


def _not_loaded(seen: Snapshot) -> None:
    if loaded(seen) or seen.held_by or seen.engine != "ready" or seen.state not in ("paused", "finished"):
        return
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        st.markdown(
            ":material/inventory_2: This run is shown as it was stored. Load it to step it, go back or change it."
        )
        st.button(
            "Load",
            key="load",
            icon=":material/upload:",
            help="Load the run at its last checkpoint without training it.",
            on_click=resume,
            args=(seen.run,),
            kwargs={"paused": True},
        )


def _streamed(seen: Snapshot) -> None:
    if seen.streaming and loaded(seen):
        st.caption(plain(seen.streaming))
