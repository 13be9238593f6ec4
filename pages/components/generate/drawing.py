"""Grids drawn from checkpoints, each drawn once for all browsers: drawing one takes longer than all of its page."""

import streamlit as st

from pages.components.shell.state import drawer, store
from pipeline.studio import sampling
from pipeline.studio.run import history
from pipeline.studio.sampling import DrawnGrid, Weights


def draw(run: str, step: int, count: int, seed: int, weights: Weights, label: int | None) -> DrawnGrid:
    """As `sampling.draw`, and raises what it raises; UnknownCheckpoint too where none of `step` is kept any more."""
    return _draw(run, step, count, seed, weights, label, history.checkpoint_time(store(), run, step))


@st.cache_data(show_spinner=False, max_entries=50)
def _draw(run: str, step: int, count: int, seed: int, weights: Weights, label: int | None, saved: float) -> DrawnGrid:
    """saved: when the checkpoint was; a run that was taken up again may come to the same step with other weights."""
    return sampling.draw(drawer(), run, step, count, seed, weights, label)
