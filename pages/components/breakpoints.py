"""Breakpoints, which pause the run where a condition comes to hold, and watches, which get a chart of their own."""

from collections.abc import Callable

import streamlit as st

from pages.components.notices import carry_out_at, show
from pages.components.readiness import hindrance
from pages.components.state import trainer, who
from pipeline.runs.store import RunRecord
from pipeline.runtime.messages import Snapshot
from pipeline.studio import debugging, workflows

PLACE = "watching"
MOST_CHARACTERS = 500
LANGUAGE = (
    "Metric names, numbers, `step`, `+ - * /`, `< <= > >= == !=`, `and or not`, brackets, `abs(x)`, `min(x, y)`, "
    "`max(x, y)`, `isnan(x)`, and `mean(x, n)`: the mean of x over the last n steps."
)


def breakpoints(record: RunRecord, seen: Snapshot) -> None:
    """The run's breakpoints and watches, each with what removes it, and a field for a new one."""
    reason = hindrance(seen, moving=True)
    with st.expander("Breakpoints and watches", icon=":material/pause_circle:", key="watching_panel"):
        show(PLACE)
        if reason:
            st.caption(reason)
        left, right = st.columns(2, gap="medium")
        with left:
            for number, each in enumerate(seen.watching.breakpoints):
                _breakpoint(number, each.expression, each.enabled, seen, reason)
            _new(
                "New breakpoint",
                "new_breakpoint",
                "D_real > 0.95",
                _add_breakpoint,
                seen,
                reason,
            )
        with right:
            for number, expression in enumerate(seen.watching.watches):
                _watch(number, expression, seen, reason)
            _new("New watch", "new_watch", "mean(D_real - D_fake, 100)", _add_watch, seen, reason)
        names = workflows.metric_names(record.workflow_text)
        st.caption(f"{LANGUAGE}  \nNames of this run: {', '.join(f'`{name}`' for name in names)}.")


def _breakpoint(number: int, expression: str, enabled: bool, seen: Snapshot, reason: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        key = f"breakpoint {seen.run} {expression} {enabled}"
        st.toggle(
            f"`{expression}`",
            value=enabled,
            key=key,
            disabled=bool(reason),
            on_change=_arm,
            args=(seen, expression, not enabled),
        )
        _remove(f"remove_breakpoint_{number}", debugging.remove_breakpoint, expression, seen, reason)


def _watch(number: int, expression: str, seen: Snapshot, reason: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"`{expression}`", width="stretch")
        _remove(f"remove_watch_{number}", debugging.remove_watch, expression, seen, reason)


def _remove(key: str, function: Callable[..., None], expression: str, seen: Snapshot, reason: str) -> None:
    st.button(
        "Remove",
        key=key,
        icon=":material/delete:",
        type="tertiary",
        disabled=bool(reason),
        on_click=_take_away,
        args=(function, seen, expression),
    )


def _new(label: str, key: str, example: str, add: Callable[[Snapshot], None], seen: Snapshot, reason: str) -> None:
    with (
        st.form(f"{key}_form", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        st.text_input(label, key=key, max_chars=MOST_CHARACTERS, placeholder=example)
        st.form_submit_button("Add", key=f"{key}_add", disabled=bool(reason), on_click=add, args=(seen,))


# What was typed is read when the click arrives; it stays in the field where it is refused.


def _add_breakpoint(seen: Snapshot) -> None:
    if carry_out_at(PLACE, debugging.add_breakpoint, trainer(), seen, who(), st.session_state.new_breakpoint):
        st.session_state.new_breakpoint = ""


def _add_watch(seen: Snapshot) -> None:
    if carry_out_at(PLACE, debugging.add_watch, trainer(), seen, who(), st.session_state.new_watch):
        st.session_state.new_watch = ""


def _take_away(function: Callable[..., None], seen: Snapshot, expression: str) -> None:
    carry_out_at(PLACE, function, trainer(), seen, who(), expression)


def _arm(seen: Snapshot, expression: str, enabled: bool) -> None:
    carry_out_at(PLACE, debugging.arm_breakpoint, trainer(), seen, who(), expression, enabled)
