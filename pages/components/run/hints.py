"""Hints about the health of a run: one line for every page, and the list with the ways to a cure."""

from collections.abc import Mapping, Sequence

import streamlit as st

from pages.components.run.live_form import ADDRESS
from pages.components.shell.focusing import focus_if_requested, request_focus, take_request
from pages.components.shell.notices import run_command_at, show
from pages.components.shell.page_paths import TRAIN, WORKFLOW
from pages.components.shell.readiness import blocked_because
from pages.components.shell.state import snapshot_of, store, trainer, user_name
from pages.components.shell.streamlit_gaps import escape, slot
from pages.components.shell.why import why_button
from pipeline.runtime.messages.snapshot import RewindStatus, Snapshot
from pipeline.studio import health
from pipeline.studio.health import ShownHint, SuggestedParameter
from pipeline.studio.run import debugging
from pipeline.studio.run.healthy_steps import healthy_steps

HEIGHT = 300
"""Fixed, so that nothing below moves when a hint appears or disappears."""

PLACE = "hints"
SHOW = "show"
"""The parameter of the address that brings the list into view."""
SECONDS = 6.0
"""How long browsers share the hints of a busy run; the badge and the list then say the same."""

ICONS = {
    "critical": ":red[:material/error:]",
    "warning": ":orange[:material/warning:]",
    "info": ":blue[:material/info:]",
}
SEVERITIES = {"critical": "Critical", "warning": "Warning", "info": "Note"}


def health_badge(run: str) -> None:
    """One line: how many hints there are and the worst of them, with a link to all of them on the Train page."""
    steps, found = _judgement(run)
    if found:
        count = f"{len(found)} hint{'s' if len(found) > 1 else ''}"
        st.page_link(
            TRAIN,
            label=f"{ICONS[found[0].severity]} {count}: {escape(found[0].headline)}",
            help="Go to the hints on the health of this run.",
            query_params={"run": run, SHOW: PLACE},
        )
    elif steps:
        st.caption(":green[:material/check_circle:] No hints", width="content")
    else:
        st.caption("No hints yet", width="content", help=_too_early(run))


def hints(run: str) -> None:
    """The run's hints, most severe first, or one line that says there are none."""
    snapshot = snapshot_of(run)
    steps, found = _judgement(run)
    blocked = blocked_because(snapshot)
    healthy = {} if blocked or not found else _healthy(run, snapshot.step, snapshot.rewind, snapshot.mark)
    if take_request(SHOW) == PLACE:
        request_focus(PLACE, PLACE)
    st.subheader("Health", anchor=False)
    with slot():
        show(PLACE)
    with st.container(height=HEIGHT, border=True, key=PLACE):
        back = blocked if any(hint.going_back_helps for hint in found) else ""
        st.caption(_summary(steps, len(found), back) or _too_early(run))
        for hint in found:
            _draw(snapshot, hint, healthy)
    focus_if_requested(PLACE, focus=False)


def _summary(steps: int, count: int, blocked: str) -> str:
    """How many hints there are; "" while there are too few steps to judge."""
    if count:
        back = f" Going back to before them is not possible now. {blocked}" if blocked else ""
        return escape(f"{count} {'hints, the most severe first' if count > 1 else 'hint'}.{back}")
    if steps:
        return f":green[:material/check_circle:] No hints from the last {steps:,} steps."
    return ""


def _too_early(run: str) -> str:
    return (
        f"Hints appear from step {health.first_judged(store().run(run)):,} on, with enough steps to judge the run by."
    )


def _judgement(run: str) -> tuple[int, tuple[ShownHint, ...]]:
    """Steps judged up to the one where the run stands, and hints. An idle run is judged once."""
    snapshot = snapshot_of(run)
    return _judged(run, None if snapshot.busy else (snapshot.mark, snapshot.step))


@st.cache_resource(show_spinner=False, ttl=SECONDS, max_entries=20)
def _judged(run: str, still: object) -> tuple[int, tuple[ShownHint, ...]]:
    """Steps judged, and hints, cached. still: cache key of an idle run's state; None while the run is busy."""
    record, step = store().run(run), snapshot_of(run).step
    return health.steps_judged(record, step), health.hints(store(), record, step)


@st.cache_resource(show_spinner=False, max_entries=20)
def _healthy(run: str, step: int, _kept: RewindStatus, mark: object) -> Mapping[str, int]:
    """The last healthy step before each hint, cached. mark: mark of the run's state, which `_kept` is part of."""
    return healthy_steps(store(), store().run(run), step, _kept)


def _draw(snapshot: Snapshot, hint: ShownHint, healthy: Mapping[str, int]) -> None:
    st.markdown(f"{ICONS[hint.severity]} **{SEVERITIES[hint.severity]}** · {escape(hint.text)} {escape(hint.remedy)}")
    live = [lever for lever in hint.suggestions if lever.live and lever.key in snapshot.live]
    others = [lever for lever in hint.suggestions if lever not in live]
    _ways("Live parameters:", live, TRAIN, snapshot.run)
    _ways("In a new run or a fork:", others, WORKFLOW, snapshot.run)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if hint.code in healthy:
            step = healthy[hint.code]
            st.button(
                f"Back to step {step:,}",
                key=f"back before {hint.code}",
                icon=":material/undo:",
                help="The last step before this began, as far as the rule can tell. Going back deletes nothing.",
                on_click=_go_back,
                args=(snapshot, step),
            )
        if hint.why:
            why_button(hint.headline, hint.why, f"why {hint.code}")


def _go_back(snapshot: Snapshot, step: int) -> None:
    run_command_at(PLACE, debugging.back, trainer(), snapshot, user_name(), step)


def _ways(where: str, suggestions: Sequence[SuggestedParameter], page: str, run: str) -> None:
    """For each parameter a link: to its field on Train, or to its node on the Workflow page."""
    if suggestions:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(where, width="content")
            for lever in suggestions:
                label = f"{escape(lever.node_title)} · {escape(lever.label)}"
                place = {ADDRESS: lever.key} if page == TRAIN else {"node": lever.node}
                st.page_link(page, label=label, icon=":material/tune:", query_params={"run": run, **place})
