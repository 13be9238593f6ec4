"""Status messages under the run's buttons: why it stopped, rewound, open elsewhere, interrupted, not loaded, streamed,
forked, at the end of its schedules, in the way of the queue."""

import streamlit as st

from pages.components.run.branching import fork_link
from pages.components.run.queue_line import queue_line
from pages.components.run.rewind_menu import back_buttons
from pages.components.shell.notices import run_command
from pages.components.shell.page_paths import RUNS
from pages.components.shell.readiness import blocked_because, elsewhere, loaded
from pages.components.shell.starting import resume
from pages.components.shell.state import store, trainer, user_name
from pages.components.shell.streamlit_gaps import LOOSE_SECONDS, escape
from pipeline.runs.store import RunRecord
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio.run import debugging
from pipeline.studio.run.plan_end import plan_notice
from pipeline.studio.run.resumed import interruption


def run_notices(record: RunRecord, snapshot: Snapshot) -> None:
    """Show the messages that apply, with buttons for what to do next."""
    _stopped(snapshot)
    _in_the_past(snapshot)
    _elsewhere(record, snapshot)
    if not _interrupted(record, snapshot):
        _not_loaded(snapshot)
    _streamed(snapshot)
    _plan_ended(record, snapshot)
    fork_link(record, snapshot)
    # The queue may change while the run stays as it is.
    st.fragment(queue_line, run_every=None if snapshot.busy else LOOSE_SECONDS)(record)


def _stopped(snapshot: Snapshot) -> None:
    if not snapshot.stop_kind or snapshot.state == "failed" or snapshot.engine == "gone":
        return
    sentence = escape(snapshot.stopped)
    match snapshot.stop_kind:
        case "not finite":
            st.error(sentence, icon=":material/error:")
            if snapshot.stop_images:
                alt = "Grid of the training images named above"
                st.image(
                    snapshot.stop_images, "These training images, before augmentation", output_format="PNG", alt=alt
                )
            back_buttons(snapshot)
        case "cannot write":
            st.error(sentence, icon=":material/error:")
        case "mistake":
            st.warning(sentence, icon=":material/warning:")
        case _:
            st.info(sentence, icon=":material/pause_circle:")


def _in_the_past(snapshot: Snapshot) -> None:
    # While the run is busy, the progress bar says so.
    if snapshot.step >= snapshot.head or blocked_because(snapshot):
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(
            f":material/history: At step {snapshot.step:,} of {snapshot.head:,} recorded steps. Run replays up to step "
            f"{snapshot.head:,} and records nothing new; a change makes a fork from here.",
            width="content",
        )
        st.button(
            f"Forward to step {snapshot.head:,}",
            key="forward",
            icon=":material/redo:",
            on_click=run_command,
            args=(debugging.run_to, trainer(), snapshot, user_name(), snapshot.head),
        )


def _elsewhere(record: RunRecord, snapshot: Snapshot) -> None:
    if not snapshot.held_by:
        return
    if record.job and snapshot.state == "running":
        sentence = escape(f"A job trains this run ({snapshot.held_by}). Pause saves it and ends the job.")
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f":material/dns: {sentence}", width="content")
            st.page_link(RUNS, label="Show the jobs", icon=":material/arrow_forward:", query_params={"view": "jobs"})
        return
    pause = "; Pause works from here" if snapshot.state == "running" else ""
    sentence = escape(f"{elsewhere(snapshot)}{pause}. This page shows what is recorded.")
    st.markdown(f":material/terminal: {sentence}")


def _interrupted(record: RunRecord, snapshot: Snapshot) -> bool:
    """From where a run can go on whose process has died, and the buttons for it. Returns whether it is such a run."""
    if loaded(snapshot) or snapshot.held_by or snapshot.engine != "ready":
        return False
    found = interruption(store(), record)
    if found is None:
        return False
    st.warning(escape(found.sentence), icon=":material/power_off:")
    if found.step is not None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                "Resume",
                key="resume",
                icon=":material/restart_alt:",
                help="Load this checkpoint, and train on from there.",
                on_click=resume,
                args=(snapshot.run,),
            )
            _load_button(snapshot)
    return True


def _not_loaded(snapshot: Snapshot) -> None:
    if (
        loaded(snapshot)
        or snapshot.held_by
        or snapshot.engine != "ready"
        or snapshot.state not in ("paused", "finished")
    ):
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        ended = "The engine has ended. " if trainer().snapshot.engine == "gone" else ""
        st.caption(
            f":material/inventory_2: {ended}This run is shown as it was stored. Load it to step it, go back or change "
            "it.",
            width="content",
        )
        _load_button(snapshot)


def _load_button(snapshot: Snapshot) -> None:
    st.button(
        "Load",
        key="load",
        icon=":material/upload:",
        help=f"Load the run at its last checkpoint{_step(snapshot.saved)} without training it.",
        on_click=resume,
        args=(snapshot.run,),
        kwargs={"paused": True},
    )


def _step(saved: int | None) -> str:
    return "" if saved is None else f", step {saved:,},"


def _plan_ended(record: RunRecord, snapshot: Snapshot) -> None:
    if snapshot.state != "failed" and (sentences := plan_notice(store(), record, snapshot)):
        st.warning(escape(sentences), icon=":material/trending_flat:")


def _streamed(snapshot: Snapshot) -> None:
    if snapshot.streaming and loaded(snapshot):
        st.caption(escape(snapshot.streaming))
