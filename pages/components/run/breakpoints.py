"""The panel of breakpoints, which pause the run when a condition becomes true, and watches, which have charts."""

from collections.abc import Callable

import streamlit as st

from pages.components.shell.escape import plain
from pages.components.shell.notices import carry_out_at, show
from pages.components.shell.readiness import blocked_because
from pages.components.shell.state import trainer, who
from pipeline.conditions.expression import MOST_CHARACTERS
from pipeline.runs.series import names_of
from pipeline.runs.store import RunRecord
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio import workflows
from pipeline.studio.charts import expressions
from pipeline.studio.family import family_of
from pipeline.studio.run import debugging

BREAKPOINTS, WATCHES = "new_breakpoint", "new_watch"
"""Keys of the fields for new ones, and places of their error messages, below those fields."""
NAMES_HEIGHT, NAMES_WIDTH = 320, 480


def breakpoints(record: RunRecord, seen: Snapshot) -> None:
    """The run's breakpoints and watches, each with a Remove button, and fields to add new ones."""
    reason = blocked_because(seen, moving=True)
    series, family = workflows.series_of(record.workflow_text), family_of(record.workflow_text)
    names = names_of(series)
    with st.expander("Breakpoints and watches", icon=":material/pause_circle:", key="watching_panel"):
        if reason:
            st.caption(reason)
        left, right = st.columns(2, gap="medium")
        with left:
            for number, each in enumerate(seen.watching.breakpoints):
                _breakpoint(number, each.expression, each.enabled, seen, reason)
                _without_effect(each.expression, names)
            _new("New breakpoint", BREAKPOINTS, family.example, _add_breakpoint, seen, reason)
        with right:
            for number, expression in enumerate(seen.watching.watches):
                _watch(number, expression, seen, reason)
            _new("New watch", WATCHES, family.watch, _add_watch, seen, reason)
        with st.popover("Names and functions", icon=":material/list:", type="tertiary"):
            st.dataframe(
                expressions.vocabulary(series),
                hide_index=True,
                height=NAMES_HEIGHT,
                width=NAMES_WIDTH,
                key="expression_names",
            )


def _breakpoint(number: int, expression: str, enabled: bool, seen: Snapshot, reason: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.toggle(
            _code(expression),
            value=enabled,
            # The current state is part of the key, so that a change from another browser shows here too.
            key=f"breakpoint {seen.run} {expression} {enabled}",
            width="stretch",
            disabled=bool(reason),
            on_change=_arm,
            args=(seen, expression, not enabled),
        )
        _remove(f"remove_breakpoint_{number}", BREAKPOINTS, debugging.remove_breakpoint, expression, seen, reason)


def _without_effect(expression: str, names: tuple[str, ...]) -> None:
    """Warn if the breakpoint uses a metric that this run lacks, as a fork with a changed workflow may."""
    if refusal := expressions.refusal(expression, names):
        st.caption(f":orange[:material/warning:] Has no effect in this run. {plain(refusal)}")


def _watch(number: int, expression: str, seen: Snapshot, reason: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(_code(expression), width="stretch")
        _remove(f"remove_watch_{number}", WATCHES, debugging.remove_watch, expression, seen, reason)


def _code(expression: str) -> str:
    """The expression as code. Valid expressions have no backticks, but a hand-edited run file may."""
    return f"`{expression.replace('`', ' ')}`"


def _remove(key: str, place: str, function: Callable[..., None], expression: str, seen: Snapshot, reason: str) -> None:
    st.button(
        "Remove",
        key=key,
        icon=":material/delete:",
        type="tertiary",
        disabled=bool(reason),
        on_click=_take_away,
        args=(place, function, seen, expression),
    )


def _new(label: str, key: str, example: str, add: Callable[[Snapshot], None], seen: Snapshot, reason: str) -> None:
    with (
        st.form(f"{key}_form", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        st.text_input(
            label,
            key=key,
            max_chars=MOST_CHARACTERS,
            placeholder=example,
            disabled=bool(reason),
            persist_state="session",
        )
        st.form_submit_button("Add", key=f"{key}_add", disabled=bool(reason), on_click=add, args=(seen,))
    show(key)


# The callbacks read the field when the click arrives; a refused expression stays in it.


def _add_breakpoint(seen: Snapshot) -> None:
    _add(BREAKPOINTS, debugging.add_breakpoint, seen)


def _add_watch(seen: Snapshot) -> None:
    _add(WATCHES, debugging.add_watch, seen)


def _add(key: str, function: Callable[..., None], seen: Snapshot) -> None:
    if carry_out_at(key, function, trainer(), seen, who(), st.session_state[key]):
        st.session_state[key] = ""


def _take_away(place: str, function: Callable[..., None], seen: Snapshot, expression: str) -> None:
    carry_out_at(place, function, trainer(), seen, who(), expression)


def _arm(seen: Snapshot, expression: str, enabled: bool) -> None:
    carry_out_at(BREAKPOINTS, debugging.arm_breakpoint, trainer(), seen, who(), expression, enabled)
