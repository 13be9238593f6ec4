"""The second row of buttons: a single update of one network, and running to a step or until a condition holds."""

from collections.abc import Sequence

import streamlit as st

from pages.components.run.branching import change_following_fork
from pages.components.shell.notices import run_command_at, set_message, show
from pages.components.shell.readiness import blocked_because
from pages.components.shell.state import trainer, user_name
from pages.components.shell.streamlit_gaps import escape
from pipeline.conditions.expression import MOST_CHARACTERS
from pipeline.families.family import UpdateKind
from pipeline.runs.store import RunRecord
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio.family import family_of
from pipeline.studio.run import debugging

MENU, PLACE = "run_to_menu", "run to"
MENU_WIDTH = 320
AROUND_LABEL, A_CHARACTER = 77.5, 6.25
"""Width in pixels of a button without its label, and of a character of the label."""


def debug_controls(record: RunRecord, snapshot: Snapshot) -> None:
    """A button for each update of a step, then Run to…. The help of a disabled button says why.

    If a step is a single update, there are no buttons for parts of it.
    """
    family = family_of(record.workflow_text, record.data_text)
    with st.container(horizontal=True, vertical_alignment="bottom", key="debug_controls", gap="xsmall"):
        for update in family.updates:
            _only(update, family.updates, record, snapshot)
        _run_to(family.example, snapshot)


def updates_sentence(record: RunRecord, snapshot: Snapshot) -> str:
    """How often each update was done; "" for a run that is not loaded, because its counts are unknown."""
    counted = [
        (update.name, count)
        for update in family_of(record.workflow_text, record.data_text).updates
        if (count := snapshot.updates.get(update.counter)) is not None
    ]
    return ", ".join(
        f"{name}{'' if place else ' updated'} {count:,} time{'' if count == 1 else 's'}"
        for place, (name, count) in enumerate(counted)
    )


def width_of(label: str) -> int:
    """Width in pixels of a button that fits its label; without it, the label would wrap in a narrow window."""
    return round(AROUND_LABEL + A_CHARACTER * len(label))


def _only(update: UpdateKind, updates: Sequence[UpdateKind], record: RunRecord, snapshot: Snapshot) -> None:
    label, name = f"{update.name[:1].upper()}{update.name[1:]} only", escape(update.name)
    reason = blocked_because(snapshot)
    if not reason and update.counter not in snapshot.updates:
        reason = f"This run does not update a {name}."
    others = " and ".join(f"none of the {escape(other.name)}" for other in updates if other != update)
    st.button(
        escape(label),
        key=f"only_{update.name}",
        icon=":material/exposure_plus_1:",
        width=width_of(label),
        disabled=bool(reason),
        help=reason or f"One update of the {name}, {others}. It is not a step: the step number stays the same.",
        on_click=_update,
        args=(record, snapshot, update.name),
    )


def _update(record: RunRecord, snapshot: Snapshot, update: str) -> None:
    if change_following_fork(snapshot, debugging.update_only, update):
        sentence = updates_sentence(record, trainer().snapshot)
        st.toast(escape(f"{sentence[:1].upper()}{sentence[1:]}."), icon=":material/exposure_plus_1:")


def _run_to(example: str, snapshot: Snapshot) -> None:
    """The Run to… menu. example: a condition that makes sense in the run."""
    reason = blocked_because(snapshot, moving=True)
    with (
        st.popover(
            "Run to…",
            key=MENU,
            icon=":material/keyboard_tab:",
            width=130,
            disabled=bool(reason),
            help=reason or "Run to a step, or until a condition holds, and pause there.",
            on_change="rerun",
        ),
        st.container(width=MENU_WIDTH),
    ):
        show(PLACE)
        with (
            st.form("run_to_form", border=False),
            st.container(horizontal=True, vertical_alignment="bottom"),
        ):
            st.number_input("Step", value=None, step=1, key="run_to_step", persist_state="session")
            st.form_submit_button("Run to step", key="run_to_go", width=110, on_click=_go_to_step, args=(snapshot,))
        with st.form("run_until_form", border=False):
            st.text_input(
                "Condition",
                key="run_until",
                max_chars=MOST_CHARACTERS,
                placeholder=example,
                help="See *Names and functions* under *Breakpoints and watches*.",
                persist_state="session",
            )
            st.form_submit_button("Run until true", key="run_until_go", on_click=_go_until, args=(snapshot,))


def _go_to_step(snapshot: Snapshot) -> None:
    step = st.session_state.run_to_step
    if step is None:
        set_message("Enter the step to run to.", PLACE)
    else:
        _done(run_command_at(PLACE, debugging.run_to, trainer(), snapshot, user_name(), int(step)))


def _go_until(snapshot: Snapshot) -> None:
    _done(run_command_at(PLACE, debugging.run_until, trainer(), snapshot, user_name(), st.session_state.run_until))


def _done(done: bool) -> None:
    """Close the menu if the command was accepted; otherwise it stays open and shows the error."""
    if done:
        st.session_state[MENU] = False
