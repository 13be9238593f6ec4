"""The Back button and its menu: one step, several steps, to any step or to a kept one; and the memory for snapshots."""

from collections.abc import Callable

import streamlit as st

from pages.components.shell.notices import run_command, run_command_at, set_message, show
from pages.components.shell.readiness import blocked_because, mid_step
from pages.components.shell.state import trainer, user_name
from pipeline.formatting import listed
from pipeline.runtime.messages.snapshot import RewindStatus, Snapshot
from pipeline.studio.run import debugging

MENU, PLACE = "back_menu", "back"
MENU_WIDTH = 320
MEBIBYTE = 1024 * 1024
LISTED = 6
"""Number of checkpoints that the sentence names; the menu lists all of them."""


def back_menu(snapshot: Snapshot, width: int, icon: str | None) -> None:
    """The button with its menu. Going back restores a kept step and replays training from it to the wanted step."""
    reason = blocked_because(snapshot)
    if not reason and _step_before(snapshot) < snapshot.rewind.first:
        reason = "The run is at the earliest step that it can go back to."
    with (
        st.popover(
            "Back",
            key=MENU,
            icon=icon,
            width=width,
            disabled=bool(reason),
            help=reason or "Return to the exact state of an earlier step.",
            on_change="rerun",
        ),
        st.container(width=MENU_WIDTH),
    ):
        show(PLACE)
        before = max(_step_before(snapshot), snapshot.rewind.first)
        st.button(
            f"One step, to step {before:,}", key="back_one", width="stretch", on_click=_go, args=(snapshot, before)
        )
        _number("Steps back", "back_by", "Go back", 10, _go_by, snapshot)
        _number("Step to go back to", "back_to", "Go there", None, _go_to, snapshot)
        _kept(snapshot)
        st.divider()
        _memory(snapshot)


def back_buttons(snapshot: Snapshot) -> None:
    """Two buttons offered when training has gone wrong: back ten steps, and back to the nearest kept step."""
    if blocked_because(snapshot):
        return
    ten = max(snapshot.rewind.first, snapshot.step - 10)
    steps = [step for step in _steps_kept(snapshot.rewind) if step < snapshot.step]
    with st.container(horizontal=True):
        if ten < snapshot.step:
            label = f"Back {snapshot.step - ten:,} step{'s' if snapshot.step - ten > 1 else ''}"
            st.button(label, key="back_ten", icon=":material/undo:", on_click=_go_back, args=(snapshot, ten))
        if steps and steps[0] != ten:
            label = f"Back to step {steps[0]:,}, which is kept"
            st.button(label, key="back_nearest", icon=":material/undo:", on_click=_go_back, args=(snapshot, steps[0]))


def memory_sentence(rewind: RewindStatus) -> str:
    """A sentence on the kept snapshots and checkpoints, and the memory that the snapshots take."""
    budget = f"{rewind.budget / MEBIBYTE:,.0f} MiB"
    steps = rewind.snapshots
    if len(steps) > 1:
        snapshots = f"{len(steps)} snapshots from step {steps[0]:,} to {steps[-1]:,} take {_mebibytes(rewind.size)}"
    elif steps:
        snapshots = f"1 snapshot, of step {steps[0]:,}, takes {_mebibytes(rewind.size)}"
    else:
        return f"No snapshots in memory (limit {budget}); {_checkpoints(rewind)}."
    return f"{snapshots} of {budget}; {_checkpoints(rewind)}."


def _checkpoints(rewind: RewindStatus) -> str:
    steps = [f"{step:,}" for step in rewind.checkpoints[-LISTED:]]
    if not steps:
        return "no checkpoints"
    more = "…, " if len(rewind.checkpoints) > LISTED else ""
    return f"checkpoint{'s' if len(steps) > 1 else ''} at {more}{', '.join(steps)}"


def _mebibytes(size: int) -> str:
    count = size / MEBIBYTE
    return f"{count:,.1f} MiB" if count < 10 else f"{count:,.0f} MiB"


def _step_before(snapshot: Snapshot) -> int:
    """The step that one step back leads to; in the middle of a step, that is its beginning."""
    return snapshot.step if mid_step(snapshot) else snapshot.step - 1


def _steps_kept(rewind: RewindStatus) -> list[int]:
    """The kept steps (those with a snapshot or a checkpoint), newest first."""
    return sorted({*rewind.snapshots, *rewind.checkpoints}, reverse=True)


def _number(
    label: str, key: str, go: str, value: int | None, then: Callable[[Snapshot], None], snapshot: Snapshot
) -> None:
    """A field for a whole number with its button; the engine checks the range."""
    with (
        st.form(f"{key}_form", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        st.number_input(label, value=value, step=1, key=key, persist_state="session")
        st.form_submit_button(go, key=f"{key}_go", width=110, on_click=then, args=(snapshot,))


def _kept(snapshot: Snapshot) -> None:
    steps = [step for step in _steps_kept(snapshot.rewind) if step < snapshot.step]
    with (
        st.form("back_kept_form", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        st.selectbox(
            "Kept steps",
            steps,
            key="back_kept",
            format_func=lambda step: _named(step, snapshot.rewind),
            placeholder="none before this step",
            help="Steps with a snapshot or a checkpoint, which are restored directly. For any other step, the run "
            "replays from the nearest of them before it.",
        )
        st.form_submit_button(
            "Go there", key="back_kept_go", width=110, disabled=not steps, on_click=_go_to_kept, args=(snapshot,)
        )


def _named(step: int, rewind: RewindStatus) -> str:
    places = ["memory"] * (step in rewind.snapshots) + ["checkpoint"] * (step in rewind.checkpoints)
    return f"{step:,} · {listed(places)}"


def _memory(snapshot: Snapshot) -> None:
    st.caption(memory_sentence(snapshot.rewind))
    budget = snapshot.rewind.budget // MEBIBYTE
    # The current value is part of the key, so that a change from another browser shows here too.
    key = f"rewind {snapshot.run} {budget}"
    st.number_input(
        "Memory for snapshots (MiB)",
        value=budget,
        step=64,
        key=key,
        on_change=_set_budget,
        args=(snapshot, key, budget),
    )


def _set_budget(snapshot: Snapshot, key: str, in_force: int) -> None:
    wanted = st.session_state[key]
    st.session_state[key] = in_force
    if wanted is not None:
        run_command_at(PLACE, debugging.set_rewind_budget, trainer(), snapshot, user_name(), int(wanted))


# The callbacks read the number fields when the click arrives: a number typed just before it is newer than the page.


def _go_by(snapshot: Snapshot) -> None:
    steps = st.session_state.back_by
    if steps is None or steps < 1:
        set_message("Enter the number of steps to go back: 1 or more.", PLACE)
    else:
        _go(snapshot, snapshot.step - int(steps), closing=True)


def _go_to(snapshot: Snapshot) -> None:
    step = st.session_state.back_to
    if step is None:
        set_message("Enter the step to go back to.", PLACE)
    else:
        _go(snapshot, int(step), closing=True)


def _go_to_kept(snapshot: Snapshot) -> None:
    _go(snapshot, int(st.session_state.back_kept), closing=True)


def _go_back(snapshot: Snapshot, step: int) -> None:
    run_command(debugging.back, trainer(), snapshot, user_name(), step)


def _go(snapshot: Snapshot, step: int, *, closing: bool = False) -> None:
    if run_command_at(PLACE, debugging.back, trainer(), snapshot, user_name(), step) and closing:
        st.session_state[MENU] = False
