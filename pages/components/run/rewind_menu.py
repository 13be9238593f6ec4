"""The Back button and its menu: one step, several, to a given step or to a kept one; and the memory for snapshots."""

from collections.abc import Callable

import streamlit as st

from pages.components.shell.notices import carry_out, carry_out_at, say, show
from pages.components.shell.readiness import blocked_because, half_walked
from pages.components.shell.state import trainer, who
from pipeline.formatting import listed
from pipeline.runtime.messages.snapshot import RewindStatus, Snapshot
from pipeline.studio.run import debugging

MENU, PLACE = "back_menu", "back"
MENU_WIDTH = 320
MEBIBYTE = 1024 * 1024
LISTED = 6
"""Number of checkpoints that the sentence names; the menu lists all of them."""


def back_menu(seen: Snapshot, width: int) -> None:
    """The button with its menu. Going back restores a kept step and replays training from it to the wanted step."""
    reason = blocked_because(seen)
    if not reason and _step_before(seen) < seen.rewind.first:
        reason = "The run is at the earliest step that it can go back to."
    with (
        st.popover(
            "Back",
            key=MENU,
            icon=":material/undo:",
            width=width,
            disabled=bool(reason),
            help=reason or "Return to the exact state of an earlier step.",
            on_change="rerun",
        ),
        st.container(width=MENU_WIDTH),
    ):
        show(PLACE)
        before = max(_step_before(seen), seen.rewind.first)
        st.button(f"One step, to step {before:,}", key="back_one", width="stretch", on_click=_go, args=(seen, before))
        _number("Steps back", "back_by", "Go back", 10, _go_by, seen)
        _number("Step to go back to", "back_to", "Go there", None, _go_to, seen)
        _kept(seen)
        st.divider()
        _memory(seen)


def back_buttons(seen: Snapshot) -> None:
    """Two buttons offered when training has gone wrong: back ten steps, and back to the nearest kept step."""
    if blocked_because(seen):
        return
    ten = max(seen.rewind.first, seen.step - 10)
    kept = [step for step in _steps_kept(seen.rewind) if step < seen.step]
    with st.container(horizontal=True):
        if ten < seen.step:
            label = f"Back {seen.step - ten:,} step{'s' if seen.step - ten > 1 else ''}"
            st.button(label, key="back_ten", icon=":material/undo:", on_click=_go_back, args=(seen, ten))
        if kept and kept[0] != ten:
            label = f"Back to step {kept[0]:,}, which is kept"
            st.button(label, key="back_nearest", icon=":material/undo:", on_click=_go_back, args=(seen, kept[0]))


def memory_sentence(rewind: RewindStatus) -> str:
    """Which snapshots and checkpoints are kept, and how much memory the snapshots take."""
    budget = f"{rewind.budget / MEBIBYTE:,.0f} MiB"
    steps = rewind.snapshots
    if len(steps) > 1:
        kept = f"{len(steps)} snapshots from step {steps[0]:,} to {steps[-1]:,} take {_mebibytes(rewind.size)}"
    elif steps:
        kept = f"1 snapshot, of step {steps[0]:,}, takes {_mebibytes(rewind.size)}"
    else:
        return f"No snapshots in memory (limit {budget}); {_checkpoints(rewind)}."
    return f"{kept} of {budget}; {_checkpoints(rewind)}."


def _checkpoints(rewind: RewindStatus) -> str:
    steps = [f"{step:,}" for step in rewind.checkpoints[-LISTED:]]
    if not steps:
        return "no checkpoints"
    more = "…, " if len(rewind.checkpoints) > LISTED else ""
    return f"checkpoint{'s' if len(steps) > 1 else ''} at {more}{', '.join(steps)}"


def _mebibytes(size: int) -> str:
    count = size / MEBIBYTE
    return f"{count:,.1f} MiB" if count < 10 else f"{count:,.0f} MiB"


def _step_before(seen: Snapshot) -> int:
    """The step that one step back leads to; in the middle of a step, that is its beginning."""
    return seen.step if half_walked(seen) else seen.step - 1


def _steps_kept(rewind: RewindStatus) -> list[int]:
    """The kept steps, newest first."""
    return sorted({*rewind.snapshots, *rewind.checkpoints}, reverse=True)


def _number(label: str, key: str, go: str, value: int | None, then: Callable[[Snapshot], None], seen: Snapshot) -> None:
    """A field for a whole number with its button; the engine checks the range."""
    with (
        st.form(f"{key}_form", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        st.number_input(label, value=value, step=1, key=key, persist_state="session")
        st.form_submit_button(go, key=f"{key}_go", width=110, on_click=then, args=(seen,))


def _kept(seen: Snapshot) -> None:
    steps = [step for step in _steps_kept(seen.rewind) if step < seen.step]
    with (
        st.form("back_kept_form", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        st.selectbox(
            "Kept steps",
            steps,
            key="back_kept",
            format_func=lambda step: _named(step, seen.rewind),
            placeholder="none before this step",
            help="A kept step is restored directly. For any other step, the run replays from the nearest kept step "
            "before it.",
        )
        st.form_submit_button(
            "Go there", key="back_kept_go", width=110, disabled=not steps, on_click=_go_to_kept, args=(seen,)
        )


def _named(step: int, rewind: RewindStatus) -> str:
    places = ["memory"] * (step in rewind.snapshots) + ["checkpoint"] * (step in rewind.checkpoints)
    return f"{step:,} · {listed(places)}"


def _memory(seen: Snapshot) -> None:
    st.caption(memory_sentence(seen.rewind))
    budget = seen.rewind.budget // MEBIBYTE
    # The current value is part of the key, so that a change from another browser shows here too.
    key = f"rewind {seen.run} {budget}"
    st.number_input(
        "Memory for snapshots (MiB)", value=budget, step=64, key=key, on_change=_set_budget, args=(seen, key, budget)
    )


def _set_budget(seen: Snapshot, key: str, in_force: int) -> None:
    wanted = st.session_state[key]
    st.session_state[key] = in_force
    if wanted is not None:
        carry_out_at(PLACE, debugging.set_rewind_budget, trainer(), seen, who(), int(wanted))


# The callbacks read the number fields when the click arrives: a number typed just before it is newer than the page.


def _go_by(seen: Snapshot) -> None:
    steps = st.session_state.back_by
    if steps is None or steps < 1:
        say("Enter the number of steps to go back: 1 or more.", PLACE)
    else:
        _go(seen, seen.step - int(steps), closing=True)


def _go_to(seen: Snapshot) -> None:
    step = st.session_state.back_to
    if step is None:
        say("Enter the step to go back to.", PLACE)
    else:
        _go(seen, int(step), closing=True)


def _go_to_kept(seen: Snapshot) -> None:
    _go(seen, int(st.session_state.back_kept), closing=True)


def _go_back(seen: Snapshot, step: int) -> None:
    carry_out(debugging.back, trainer(), seen, who(), step)


def _go(seen: Snapshot, step: int, *, closing: bool = False) -> None:
    if carry_out_at(PLACE, debugging.back, trainer(), seen, who(), step) and closing:
        st.session_state[MENU] = False
