"""Choosing a run and one of its checkpoints; the choice stands in the address, so a link shows the same."""

import streamlit as st

from pages.components.state import chosen_run, store
from pipeline.runs.store import RunRecord
from pipeline.studio import history
from pipeline.studio.sampling import Weights

WEIGHTS: dict[Weights, str] = {"ema": "Averaged", "raw": "Raw"}


def pick_run() -> RunRecord | None:
    """The run chosen among the newest; None where there is none."""
    records = {record.id: record for record in store().recent(200)}
    if not records:
        return None
    chosen = chosen_run()
    picked = st.selectbox(
        "Run",
        list(records),
        index=list(records).index(chosen) if chosen in records else 0,
        format_func=lambda run: f"{records[run].name} · {records[run].step:,} steps · {run}",
        key="picked_run",
    )
    return records[picked]


def pick_checkpoint(run: RunRecord) -> int | None:
    """The step of one of the run's checkpoints, the newest unless another is chosen; None where none is kept."""
    steps = history.checkpoint_steps(store(), run.id)
    if not steps:
        return None
    return (
        st.select_slider(
            "Checkpoint",
            steps[::-1],
            value=steps[0],
            format_func=lambda step: f"step {step:,}",
            key=f"checkpoint {run.id}",
        )
        if len(steps) > 1
        else steps[0]
    )


def pick_weights() -> Weights:
    """Averaged or raw weights."""
    picked: Weights = st.segmented_control(
        "Weights",
        WEIGHTS,
        default="ema",
        required=True,
        key="draw_weights",
        format_func=WEIGHTS.__getitem__,
        help="Averaged: the moving average of the generator's weights, usually better. Raw: the weights as trained.",
    )
    return picked
