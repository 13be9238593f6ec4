"""Parts of the More menu: a single update of one network, and running to a step or until a condition holds."""

from collections.abc import Sequence

import streamlit as st

from pages.components.run.branching import change_following_fork
from pages.components.shell.notices import run_command_at, set_message
from pages.components.shell.readiness import blocked_because
from pages.components.shell.state import trainer, user_name
from pages.components.shell.streamlit_gaps import escape
from pipeline.conditions.expression import MOST_CHARACTERS
from pipeline.families.family import UpdateKind
from pipeline.runs.store import RunRecord
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio.family import family_of
from pipeline.studio.run import debugging

PLACE = "run to"


def single_updates(record: RunRecord, snapshot: Snapshot, updates: Sequence[UpdateKind]) -> None:
    """A button for each update of a step. The help of a disabled button says why.

    If a step is a single update, there are no buttons for parts of it.
    """
    for update in updates:
        _only(update, updates, record, snapshot)


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


def _only(update: UpdateKind, updates: Sequence[UpdateKind], record: RunRecord, snapshot: Snapshot) -> None:
    label, name = f"{update.name[:1].upper()}{update.name[1:]} only", escape(update.name)
    reason = blocked_because(snapshot)
    if not reason and update.counter not in snapshot.updates:
        reason = f"This run does not update a {name}."
    if not reason and snapshot.plan and update.name not in {planned.name for planned in snapshot.plan}:
        reason = _of_another_phase(update, record)
    others = " and ".join(f"none of the {escape(other.name)}" for other in updates if other != update)
    st.button(
        escape(label),
        key=f"only_{update.name}",
        icon=":material/exposure_plus_1:",
        width="stretch",
        disabled=bool(reason),
        help=reason or f"One update of the {name}, {others}. It is not a step: the step number stays the same.",
        on_click=_update,
        args=(record, snapshot, update.name),
    )


def _of_another_phase(update: UpdateKind, record: RunRecord) -> str:
    phases = family_of(record.workflow_text, record.data_text).phases
    steps = next((f", but of {phase.steps}" for phase in phases if phase.update == update.name), "")
    return f"The {escape(update.name)} is not part of the next step{steps}. Go back to one of them to train it."


def _update(record: RunRecord, snapshot: Snapshot, update: str) -> None:
    if change_following_fork(snapshot, debugging.update_only, update):
        sentence = updates_sentence(record, trainer().snapshot)
        st.toast(escape(f"{sentence[:1].upper()}{sentence[1:]}."), icon=":material/exposure_plus_1:")


def run_to(example: str, snapshot: Snapshot, menu: str) -> None:
    """Fields for a step to run to, and for a condition to run until. example: a condition that makes sense in the run.
    menu: the key of the menu that an accepted command closes."""
    reason = blocked_because(snapshot, moving=True)
    with (
        st.form("run_to_form", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        st.number_input(
            "Run to a step", value=None, step=1, key="run_to_step", disabled=bool(reason), persist_state="session"
        )
        st.form_submit_button(
            "Run to step",
            key="run_to_go",
            width=110,
            disabled=bool(reason),
            help=reason or "Run to this step, and pause there.",
            on_click=_go_to_step,
            args=(snapshot, menu),
        )
    with st.form("run_until_form", border=False):
        st.text_input(
            "Run until a condition holds",
            key="run_until",
            max_chars=MOST_CHARACTERS,
            placeholder=example,
            disabled=bool(reason),
            help="See *Names and functions* under *Breakpoints and watches*.",
            persist_state="session",
        )
        st.form_submit_button(
            "Run until true",
            key="run_until_go",
            disabled=bool(reason),
            help=reason or "Run until the condition holds, and pause there.",
            on_click=_go_until,
            args=(snapshot, menu),
        )


def _go_to_step(snapshot: Snapshot, menu: str) -> None:
    step = st.session_state.run_to_step
    if step is None:
        set_message("Enter the step to run to.", PLACE)
    else:
        _done(run_command_at(PLACE, debugging.run_to, trainer(), snapshot, user_name(), int(step)), menu)


def _go_until(snapshot: Snapshot, menu: str) -> None:
    condition = st.session_state.run_until
    _done(run_command_at(PLACE, debugging.run_until, trainer(), snapshot, user_name(), condition), menu)


def _done(done: bool, menu: str) -> None:
    """Close the menu if the command was accepted; otherwise it stays open and shows the error."""
    if done:
        st.session_state[menu] = False
