"""Fields to choose a run, checkpoint, weights and class. Run and checkpoint are in the address, so links keep them."""

from collections import Counter
from collections.abc import Sequence
from typing import Literal

import streamlit as st

from pages.components.shell import notices
from pages.components.shell.address_guard import AddressGuard
from pages.components.shell.shown_run import chosen_run, show_run
from pages.components.shell.state import store
from pipeline.formatting import ago, counted
from pipeline.runs.store import RunRecord
from pipeline.runtime.messages.drawing_commands import Weights
from pipeline.studio.run import history

MOST = 200
"""Number of runs in the list; an older run is added if the address names it."""
UNDER_WAY_SECONDS = 1.0
VIEWS: dict[Literal["grid", "matrix"], str] = {"grid": "Grid", "matrix": "Checkpoints × seeds"}
WEIGHTS: dict[Weights, str] = {"ema": "Averaged", "raw": "Raw"}

_STEP = AddressGuard[int]("generate_step", UNDER_WAY_SECONDS)


def pick_run() -> RunRecord | None:
    """Choose a run among the newest and the one that the address names; None if there are no runs."""
    records = {record.id: record for record in store().recent(MOST)}
    chosen = notices.try_or_show(chosen_run, "Generate")
    if chosen:
        records.setdefault(chosen.id, chosen)
        # A link or the browser's Back may have named another run than the field shows.
        if st.session_state.get("picked_run", chosen.id) != chosen.id:
            st.session_state.picked_run = chosen.id
    if not records:
        return None
    picked = st.selectbox(
        "Run",
        list(records),
        index=list(records).index(chosen.id) if chosen else 0,
        format_func=run_labels(list(records.values())).__getitem__,
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
    st.query_params.from_dict({"run": run, "step": str(st.session_state[key])})


def pick_view() -> Literal["grid", "matrix"]:
    """Choose between one grid and a matrix."""
    picked: Literal["grid", "matrix"] = st.segmented_control(
        "View",
        VIEWS,
        default="grid",
        required=True,
        key="generate_view",
        format_func=VIEWS.__getitem__,
        label_visibility="collapsed",
    )
    return picked


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
    if st.session_state.get(key, chosen) != chosen:
        st.session_state[key] = chosen
    return st.select_slider(
        "Checkpoint",
        steps[::-1],
        value=chosen,
        format_func=lambda step: f"step {step:,}",
        key=key,
        on_change=_put_step_in_address,
        args=(run.id, key),
    )


def pick_weights() -> Weights:
    """Choose averaged or raw weights."""
    picked: Weights = st.segmented_control(
        "Weights",
        WEIGHTS,
        default="ema",
        required=True,
        key="draw_weights",
        format_func=WEIGHTS.__getitem__,
        help="Averaged: the moving average of the weights, usually better. Raw: the weights as trained.",
    )
    return picked


def pick_class(names: tuple[str, ...]) -> int | None:
    """The label of the class to generate, None for each in turn. names: class names; if empty, draw no field."""
    if not names:
        return None
    picked: int | None = st.selectbox(
        "Class",
        [None, *range(len(names))],
        format_func=lambda label: "each in turn" if label is None else names[label],
        key="draw_class",
        width=200,
    )
    return picked
