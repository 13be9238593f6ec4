"""A matrix of samples: rows are checkpoints, columns are seeds. Every cell is drawn once for all browsers."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.draw.fields import changed, pick_class, pick_settings, pick_weights
from pages.components.generate.drawing import draw
from pages.components.shell import notices
from pages.components.shell.browser import layout
from pages.components.shell.state import store
from pipeline.families.sampling_options import SamplingOption, Setting
from pipeline.runs.store import RunRecord
from pipeline.runtime.messages.drawing_commands import Weights
from pipeline.studio.run import history
from pipeline.studio.sample_matrix import MOST, default_steps, matrix_png

IN_A_CELL = (1, 4, 9, 16)
SIZES = {"narrow": 3, "normal": 4, "wide": 6}
"""Rows and columns at first, for each layout."""


class _Settings(NamedTuple):
    run: str
    steps: tuple[int, ...]
    seeds: tuple[int, ...]
    images: int
    weights: Weights
    label: int | None
    sampler: Mapping[str, Setting]
    """Of the sampler, those that differ from the run's own."""


def sample_matrix(run: RunRecord, classes: tuple[str, ...], options: tuple[SamplingOption, ...]) -> None:
    """The fields, then the matrix with its download.

    classes: names of the classes that can be asked for. options: those of the run's sampler.
    """
    settings = _settings(run, classes, options)
    if not settings.steps:
        st.caption("Choose at least one checkpoint.")
        return
    cells = _cells(settings)
    if cells is not None:
        _caption(settings, cells)
        _draw(settings, cells)


def _settings(run: RunRecord, classes: tuple[str, ...], options: tuple[SamplingOption, ...]) -> _Settings:
    known = history.checkpoint_steps(store(), run.id)[::-1]
    fitting = SIZES[layout()]
    steps = st.multiselect(
        "Checkpoints",
        known,
        default=default_steps(known, fitting),
        max_selections=MOST,
        format_func=lambda step: f"step {step:,}",
        # Another layout fits another number of rows, and training adds checkpoints.
        key=f"matrix_steps {run.id} {fitting}",
        placeholder=f"Choose up to {MOST}",
    )
    # The choice of weights is lower than a field, so the labels are in line at the top only.
    with st.container(horizontal=True, vertical_alignment="top"):
        first = st.number_input("First seed", 0, 2**31 - 1 - MOST, 0, key="matrix_seed", width=150)
        columns = st.number_input("Seeds", 1, MOST, fitting, key=f"matrix_seeds {fitting}", width=130)
        count = st.selectbox("Images in a cell", IN_A_CELL, 1, key="matrix_count", width=140)
        weights = pick_weights()
        label = pick_class(classes)
        sampler = changed(pick_settings(options, run.id), options)
    seeds = tuple(range(int(first), int(first) + int(columns)))
    return _Settings(run.id, tuple(sorted(steps)), seeds, int(count), weights, label, sampler)


def _cells(settings: _Settings) -> list[list[bytes]] | None:
    """The PNGs, a row for each step; None if drawing was stopped or failed. Cells that are done stay cached."""
    total = len(settings.steps) * len(settings.seeds)
    if st.session_state.get("matrix_stopped") == settings:
        st.caption("Drawing was stopped. What was drawn is kept.")
        st.button("Draw the rest", key="matrix_go_on", on_click=st.session_state.pop, args=("matrix_stopped", None))
        return None
    place = st.empty()
    cells: list[list[bytes]] = []
    with place.container(horizontal=True, vertical_alignment="center"):
        bar = st.progress(0.0, text=f"Drawing 0 of {total} cells")
        st.button("Stop", key="matrix_stop", icon=":material/stop:", on_click=_stop, args=(settings,))
    done = 0
    for step in settings.steps:
        row: list[bytes] = []
        for seed in settings.seeds:
            drawn = notices.try_or_show(
                draw,
                settings.run,
                step,
                settings.images,
                seed,
                settings.weights,
                settings.label,
                settings.sampler,
                # A click on Stop interrupts the page here; what is being drawn is kept too.
                partial(_show, bar, done, total),
            )
            if drawn is None:
                place.empty()
                return None
            row.append(drawn.png)
            done += 1
            _show(bar, done, total)
        cells.append(row)
    place.empty()
    return cells


def _show(bar: DeltaGenerator, done: int, total: int) -> None:
    bar.progress(done / total, text=f"Drawing {done} of {total} cells")


def _stop(settings: _Settings) -> None:
    st.session_state.matrix_stopped = settings


def _caption(settings: _Settings, cells: Sequence[Sequence[bytes]]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Rows: checkpoints. Columns: seeds. In a column, all images begin with the same noise.")
        st.download_button(
            "Download PNG",
            matrix_png(cells, settings.steps, settings.seeds),
            f"{settings.run}-checkpoints-and-seeds.png",
            "image/png",
            key="download_matrix",
            icon=":material/download:",
            on_click="ignore",
            help="The whole matrix with its labels. The PNG contains its workflow: open it on the Workflow page.",
        )


def _draw(settings: _Settings, cells: Sequence[Sequence[bytes]]) -> None:
    widths = [1.0, *([2.0] * len(settings.seeds))]
    for column, heading in zip(st.columns(widths), ["", *(f"seed {seed:,}" for seed in settings.seeds)], strict=True):
        column.markdown(f":small[**{heading}**]" if heading else "")
    for step, row in zip(settings.steps, cells, strict=True):
        columns = st.columns(widths, vertical_alignment="center")
        columns[0].markdown(f":small[**step {step:,}**]")
        for column, seed, picture in zip(columns[1:], settings.seeds, row, strict=True):
            alt = f"{settings.images} generated images from step {step:,}, seed {seed}"
            column.image(picture, width="stretch", output_format="PNG", alt=alt)
