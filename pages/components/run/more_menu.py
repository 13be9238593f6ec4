"""The More menu of a run: what is needed rarely. Save a checkpoint, fork, reproduce, update one network only, run to a
step."""

import streamlit as st

from pages.components.run.debug_controls import PLACE, run_to, single_updates
from pages.components.run.fork_button import fork_button
from pages.components.run.reproduction import reproduce_button
from pages.components.shell.notices import run_command_at, show
from pages.components.shell.readiness import blocked_because
from pages.components.shell.state import trainer, user_name
from pipeline.runs.store import RunRecord
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio.family import family_of
from pipeline.studio.run import training

MENU = "more_menu"
MENU_WIDTH = 320


def more_menu(record: RunRecord, snapshot: Snapshot, width: int, icon: str | None) -> None:
    """The button with its menu, whose buttons say in their help why they are disabled."""
    with (
        st.popover(
            "More",
            key=MENU,
            icon=icon,
            width=width,
            help="Save, fork, reproduce, single updates, Run to",
            on_change="rerun",
        ),
        st.container(width=MENU_WIDTH),
    ):
        show(PLACE)
        with st.container(horizontal=True):
            _save(snapshot)
            fork_button(record, snapshot)
            reproduce_button(record)
        family = family_of(record.workflow_text, record.data_text)
        single_updates(record, snapshot, family.updates)
        st.divider()
        run_to(family.example, snapshot, MENU)


def _save(snapshot: Snapshot) -> None:
    reason = blocked_because(snapshot, moving=True)
    st.button(
        "Save checkpoint",
        key="save",
        icon=":material/save:",
        disabled=bool(reason),
        help=reason or "Save this step to disk, to go back to it or resume from it later.",
        on_click=_save_and_say,
        args=(snapshot,),
    )


def _save_and_say(snapshot: Snapshot) -> None:
    if run_command_at(PLACE, training.save_checkpoint, trainer(), snapshot, user_name()):
        st.session_state[MENU] = False
        saved = trainer().snapshot.saved
        st.toast(f"Checkpoint saved at step {saved or 0:,}.", icon=":material/save:")
