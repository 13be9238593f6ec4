"""The second row of buttons: one network's update by itself, and running to a step or until a condition holds."""

import streamlit as st

from pages.components.branching import change
from pages.components.notices import carry_out_at, say, show
from pages.components.readiness import hindrance
from pages.components.state import trainer, who
from pipeline.conditions.expression import MOST_CHARACTERS
from pipeline.runs.store import RunRecord
from pipeline.runtime.messages import Snapshot
from pipeline.studio import debugging
from pipeline.studio.family import family_of

MENU, PLACE = "run_to_menu", "run to"
MENU_WIDTH = 320

ROLES = {
    # Network: the counter of its updates, the other network, its button's width.
    "discriminator": ("d_updates", "generator", 190),
    "generator": ("g_updates", "discriminator", 165),
}


def debug_controls(record: RunRecord, seen: Snapshot) -> None:
    """Discriminator only, Generator only, Run to…; what cannot be done now is greyed out and says why.

    A step that is one update has no part to be done by itself: those buttons are not there.
    """
    updates = family_of(record.workflow_text).updates
    with st.container(horizontal=True, vertical_alignment="bottom", key="debug_controls", gap="xsmall"):
        for role in (role for role in ROLES if role in [update.name for update in updates]):
            _only(role, seen)
        _run_to(seen)


def updates_sentence(seen: Snapshot) -> str:
    """How often each network was updated; "" for a run that is not loaded, of which it is not known."""
    told = [
        f"{role} {count:,} time{'' if count == 1 else 's'}"
        for role, (counter, *_) in ROLES.items()
        if (count := seen.updates.get(counter)) is not None
    ]
    return ", ".join(told).replace(" ", " updated ", 1)


def _only(role: str, seen: Snapshot) -> None:
    counter, other, width = ROLES[role]
    reason = hindrance(seen)
    if not reason and counter not in seen.updates:
        reason = f"This run updates no {role}."
    st.button(
        f"{role.capitalize()} only",
        key=f"only_{role}",
        icon=":material/exposure_plus_1:",
        width=width,
        disabled=bool(reason),
        help=reason or f"One update of the {role}, none of the {other}. It is no step: the step's number stays.",
        on_click=_update,
        args=(seen, role),
    )


def _update(seen: Snapshot, role: str) -> None:
    if change(seen, debugging.update_only, role):
        told = updates_sentence(trainer().snapshot)
        st.toast(f"{told[:1].upper()}{told[1:]}.", icon=":material/exposure_plus_1:")


def _run_to(seen: Snapshot) -> None:
    reason = hindrance(seen, moving=True)
    with (
        st.popover(
            "Run to…",
            key=MENU,
            icon=":material/keyboard_tab:",
            width=130,
            disabled=bool(reason),
            help=reason or "Run up to a step, or until a condition holds, and pause there.",
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
            st.form_submit_button("Run to it", key="run_to_go", width=110, on_click=_go_to_step, args=(seen,))
        with st.form("run_until_form", border=False):
            st.text_input(
                "Condition",
                key="run_until",
                max_chars=MOST_CHARACTERS,
                placeholder="D_real > 0.95 and G_grad_norm < 1e-3",
                help="Names and functions are listed under *Breakpoints and watches*.",
                persist_state="session",
            )
            st.form_submit_button("Run until it holds", key="run_until_go", on_click=_go_until, args=(seen,))


def _go_to_step(seen: Snapshot) -> None:
    step = st.session_state.run_to_step
    if step is None:
        say("Type the number of the step to run to.", PLACE)
    else:
        _done(carry_out_at(PLACE, debugging.run_to, trainer(), seen, who(), int(step)))


def _go_until(seen: Snapshot) -> None:
    _done(carry_out_at(PLACE, debugging.run_until, trainer(), seen, who(), st.session_state.run_until))


def _done(done: bool) -> None:
    """Closes the menu; where something was refused it stays, with the sentence in it."""
    if done:
        st.session_state[MENU] = False
