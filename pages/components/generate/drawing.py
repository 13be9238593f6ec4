"""Sample grids generated from checkpoints, cached for all browsers: drawing a grid takes longer than the whole page."""

from collections.abc import Mapping

import streamlit as st

from pages.components.shell.browser import Layout
from pages.components.shell.state import drawing_engine, store
from pipeline.runtime.messages.answers import Drawn
from pipeline.runtime.messages.drawing_commands import Weights
from pipeline.studio import sampling
from pipeline.studio.run import history

WIDTHS: Mapping[Layout, int] = {"narrow": 560, "normal": 600, "wide": 900}
"""Width of the grid in pixels, for each layout: as large as fits beside the sidebar and on one screen."""


def draw(run: str, step: int, count: int, seed: int, weights: Weights, label: int | None) -> Drawn:
    """`sampling.draw`, cached. Raises what it raises, and UnknownCheckpoint if the checkpoint of `step` is gone."""
    return _draw(run, step, count, seed, weights, label, history.checkpoint_time(store(), run, step))


@st.cache_data(show_spinner=False, max_entries=50)
def _draw(run: str, step: int, count: int, seed: int, weights: Weights, label: int | None, saved: float) -> Drawn:
    """Draw a grid, cached. saved: when the checkpoint was saved; a resumed run may reach the same step again with other
    weights."""
    return sampling.draw(drawing_engine(), run, step, count, seed, weights, label)
