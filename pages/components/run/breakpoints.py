"""The panel of breakpoints, which pause the run when a condition becomes true, and of watches, which are drawn as
charts."""

from collections.abc import Callable

import streamlit as st

from pages.components.shell.notices import run_command_at, show
from pages.components.shell.readiness import blocked_because
from pages.components.shell.state import trainer, user_name
from pages.components.shell.streamlit_gaps import escape
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


def breakpoints(record: RunRecord, snapshot: Snapshot) -> None:
    """The run's breakpoints and watches, each with a Remove button, and fields to add new ones."""
    reason = blocked_because(snapshot, moving=True)
    series, family = (
        workflows.series_of(record.workflow_text, record.data_text),
        family_of(record.workflow_text, record.data_text),
    )
    names = names_of(series)
    with st.expander("Breakpoints and watches", icon=":material/pause_circle:", key="watching_panel"):
        if reason:
            st.caption(reason)
        left, right = st.columns(2, gap="medium")
        with left:
            for number, each in enumerate(snapshot.watching.breakpoints):
                _breakpoint(number, each.expression, each.enabled, snapshot, reason)
                _without_effect(each.expression, names)
            _new("New breakpoint", BREAKPOINTS, family.example, _add_breakpoint, snapshot, reason)
        with right:
            for number, expression in enumerate(snapshot.watching.watches):
                _watch(number, expression, snapshot, reason)
            _new("New watch", WATCHES, family.watch, _add_watch, snapshot, reason)
        with st.popover("Names and functions", icon=":material/list:", type="tertiary"):
            st.dataframe(
                expressions.vocabulary(series),
                hide_index=True,
                height=NAMES_HEIGHT,
                width=NAMES_WIDTH,
                key="expression_names",
                alt="Names and functions for conditions, with their meaning",
            )


def _breakpoint(number: int, expression: str, enabled: bool, snapshot: Snapshot, reason: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.toggle(
            _code(expression),
            value=enabled,
            # The current state is part of the key, so that a change from another browser shows here too.
            key=f"breakpoint {snapshot.run} {expression} {enabled}",
            width="stretch",
            disabled=bool(reason),
            on_change=_arm,
            args=(snapshot, expression, not enabled),
        )
        _remove(f"remove_breakpoint_{number}", BREAKPOINTS, debugging.remove_breakpoint, expression, snapshot, reason)


def _without_effect(expression: str, names: tuple[str, ...]) -> None:
    """Warn if the breakpoint uses a metric that this run lacks, as a fork with a changed workflow may."""
    if refusal := expressions.refusal(expression, names):
        st.caption(f":orange[:material/warning:] Has no effect in this run. {escape(refusal)}")


def _watch(number: int, expression: str, snapshot: Snapshot, reason: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(_code(expression), width="stretch")
        _remove(f"remove_watch_{number}", WATCHES, debugging.remove_watch, expression, snapshot, reason)


def _code(expression: str) -> str:
    """The expression as code. Valid expressions have no backticks, but a hand-edited run file may."""
    return f"`{expression.replace('`', ' ')}`"


def _remove(
    key: str, place: str, function: Callable[..., None], expression: str, snapshot: Snapshot, reason: str
) -> None:
    st.button(
        "Remove",
        key=key,
        icon=":material/delete:",
        type="tertiary",
        disabled=bool(reason),
        on_click=_take_away,
        args=(place, function, snapshot, expression),
    )


def _new(label: str, key: str, example: str, add: Callable[[Snapshot], None], snapshot: Snapshot, reason: str) -> None:
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
        st.form_submit_button("Add", key=f"{key}_add", disabled=bool(reason), on_click=add, args=(snapshot,))
    show(key)


# The callbacks read the field when the click arrives; a refused expression stays in it.


def _add_breakpoint(snapshot: Snapshot) -> None:
    _add(BREAKPOINTS, debugging.add_breakpoint, snapshot)


def _add_watch(snapshot: Snapshot) -> None:
    _add(WATCHES, debugging.add_watch, snapshot)


def _add(key: str, function: Callable[..., None], snapshot: Snapshot) -> None:
    if run_command_at(key, function, trainer(), snapshot, user_name(), st.session_state[key]):
        st.session_state[key] = ""


def _take_away(place: str, function: Callable[..., None], snapshot: Snapshot, expression: str) -> None:
    run_command_at(place, function, trainer(), snapshot, user_name(), expression)


def _arm(snapshot: Snapshot, expression: str, enabled: bool) -> None:
    run_command_at(BREAKPOINTS, debugging.enable_breakpoint, trainer(), snapshot, user_name(), expression, enabled)
