"""Fields to choose a run and a checkpoint. Both are in the address, so links keep them."""

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from pages.components.shell import notices
from pages.components.shell.address_guard import AddressGuard
from pages.components.shell.shown_run import chosen_run, show_run
from pages.components.shell.state import store
from pipeline.formatting import ago, counted
from pipeline.runs import catalogue
from pipeline.runs.store import RunRecord
from pipeline.studio.run import history, periodic

MOST = 200
"""Number of runs in the list; an older or archived run is added if the address names it."""
UNDER_WAY_SECONDS = 1.0

_STEP = AddressGuard[int]("checkpoint_step", UNDER_WAY_SECONDS)


def pick_run(page: str) -> RunRecord | None:
    """Choose a run among the newest and the one that the address names; None if there are no runs.

    page: the page's name in its address.
    """
    records = {record.id: record for record in catalogue.search(store(), limit=MOST).records}
    chosen = notices.try_or_show(chosen_run, page)
    if chosen:
        records.setdefault(chosen.id, chosen)
    if not records:
        return None
    labels = run_labels(list(records.values()))
    if chosen:
        # A link or the browser's Back may have named another run than the field shows. And the browser keeps the label
        # of the choice: it would send the old one, which no run has, once steps or minutes have passed.
        shown = (chosen.id, labels[chosen.id])
        if st.session_state.get("picked_run") != chosen.id or st.session_state.get("picked_run_shown") != shown:
            st.session_state.picked_run = chosen.id
        st.session_state.picked_run_shown = shown
    picked = st.selectbox(
        "Run",
        list(records),
        format_func=labels.__getitem__,
        key="picked_run",
        on_change=_show_picked_run,
    )
    return records[picked]


def run_labels(records: Sequence[RunRecord]) -> dict[str, str]:
    """What the list calls each run, by its id: name, steps and when it started; its id too where names clash."""
    names = Counter(record.name for record in records)
    return {
        record.id: " · ".join(
            [
                record.name,
                counted(record.step, "step"),
                f"started {ago(record.created)}",
                *([record.id] if names[record.name] > 1 else []),
            ]
        )
        for record in records
    }


def _show_picked_run() -> None:
    show_run(st.session_state.picked_run)


def _put_step_in_address(run: str, key: str) -> None:
    _STEP.choose(st.session_state[key], run)
    kept = {name: value for name, value in st.query_params.items() if name not in ("run", "step")}
    st.query_params.from_dict({"run": run, "step": str(st.session_state[key]), **kept})


def pick_checkpoint(run: RunRecord) -> int | None:
    """Choose a checkpoint, by default the newest, and return its step; None if the run has none."""
    steps = history.checkpoint_steps(store(), run.id)
    if len(steps) <= 1:
        return next(iter(steps), None)
    named = {str(step): step for step in steps}
    key = f"checkpoint {run.id}"
    chosen = _STEP.follow(named.get(st.query_params.get("step", ""), steps[0]), run.id)
    if chosen not in steps:
        # A checkpoint is thinned out while others come.
        _STEP.choose(chosen := steps[0], run.id)
    elsewhere = st.session_state.get(key, chosen) != chosen
    if elsewhere:
        st.session_state[key] = chosen
    return st.select_slider(
        "Checkpoint",
        steps[::-1],
        value=None if elsewhere else chosen,
        format_func=lambda step: periodic.checkpoint_label(store(), run.id, step),
        key=key,
        on_change=_put_step_in_address,
        args=(run.id, key),
    )
