"""The way from noise to images under a slider over the checkpoints, so that one sees the network learn it."""

import streamlit as st

from pages.components.draw.path_view import path_view
from pages.components.film.film_controls import frame_slider
from pages.components.film.film_strip import SECONDS, following
from pages.components.shell import notices
from pages.components.shell.page_paths import TRAIN
from pages.components.shell.state import snapshot_of, store
from pipeline.families.sampling_path import SamplingPath
from pipeline.formatting import listed
from pipeline.runs.store import RunRecord
from pipeline.studio.family import family_of
from pipeline.studio.film.checkpoint_frames import checkpoint_film
from pipeline.studio.film.film_view import ResolvedView


def path_strip(record: RunRecord, path: SamplingPath) -> None:
    """The view. While the run trains, new checkpoints appear automatically."""
    growing = snapshot_of(record.id).busy
    st.fragment(_path_strip, run_every=SECONDS if growing else None)(record, path, growing)


def _path_strip(record: RunRecord, path: SamplingPath, growing: bool) -> None:
    film = checkpoint_film(store(), record)
    if not film.steps:
        notices.empty(
            "This run has no checkpoint yet. Train it for a while, or press Save checkpoint on the Train page.",
            TRAIN,
            "Go to Train",
        )
        return
    now = ResolvedView(film, following(film, growing), growing)
    frame_slider("Checkpoint", now)
    if now.missed:
        gone = listed(f"{step:,}" for step in now.missed)
        st.caption(f"There is no checkpoint of step {gone}; the nearest one is shown.")
    family = family_of(record.workflow_text, record.data_text)
    path_view(family, path, record.id, film.owner(now.step), now.step)
