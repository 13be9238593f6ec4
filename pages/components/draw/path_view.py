"""The way from noise to images at one checkpoint: a row for each noise, a column for each time."""

from dataclasses import replace
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.draw.drawing import drawn
from pages.components.draw.fields import changed, pick_class, pick_settings, pick_weights
from pages.components.shell.browser import layout
from pages.components.shell.streamlit_gaps import escape
from pipeline.families.sampling_options import SamplingOption
from pipeline.families.sampling_path import Contrast, SamplingPath
from pipeline.runtime.messages.answers import DrawnPath
from pipeline.runtime.messages.drawing_commands import DrawPath
from pipeline.studio.family import RunFamily
from pipeline.studio.sample_matrix import path_png

ROWS, COLUMNS = 6, 8
MOST_ROWS, MOST_COLUMNS = 16, 16
PAGE = "path"


class _Side(NamedTuple):
    """One of two pictures side by side, or the only one. title: "" for the only one."""

    title: str
    command: DrawPath


def path_view(family: RunFamily, path: SamplingPath, run: str, owner: str, step: int) -> None:
    """The fields, and what they ask for: one picture, or two to compare.

    run: whose sampler has the options. owner: the run with the checkpoint of `step`, the same or an ancestor.
    """
    sides, download = _fields(family, path, run)
    made: list[tuple[str, DrawnPath]] = []
    for number, side in enumerate(sides):
        answer = drawn(replace(side.command, run=owner, step=step), step, f"path {number}")
        if answer is None:
            return
        made.append((side.title, answer))
    download.download_button(
        "Download PNG",
        path_png([(title, [(each.label, each.png) for each in answer.moments]) for title, answer in made]),
        f"{owner}-step-{step}-{path.title.lower()}.png",
        "image/png",
        key="download_path",
        icon=":material/download:",
        on_click="ignore",
        help="With its labels. The PNG contains its workflow: open it on the Workflow page to restore it.",
    )
    if caution := family.caution(step):
        st.info(caution, icon=":material/info:")
    beside = len(made) > 1 and layout() != "narrow"
    places = st.columns(len(made)) if beside else [st.container() for _ in made]
    for place, (title, answer) in zip(places, made, strict=True):
        with place:
            _grid(path, title, answer)
    st.caption(escape(f"Step {step:,}. {path.meanings[sides[0].command.picture]} {path.noise}"))


def _fields(family: RunFamily, path: SamplingPath, run: str) -> tuple[list[_Side], DeltaGenerator]:
    """The fields; what they ask for, without run and step; and the place of a button."""
    with st.container(horizontal=True, vertical_alignment="top"):
        rows = st.number_input("Images", 1, MOST_ROWS, ROWS, key="path_rows", width=110)
        columns = st.number_input(
            "Times", 2, MOST_COLUMNS, COLUMNS, key="path_columns", width=110, help="Moments shown, evenly spread."
        )
        seed = st.number_input("Seed", 0, 2**31 - 1, 0, key="path_seed", width=130)
        picture = st.segmented_control(
            "Show",
            list(path.pictures),
            default=next(iter(path.pictures)),
            required=True,
            format_func=path.pictures.__getitem__,
            key="path_picture",
        )
        weights = pick_weights(PAGE)
    contrast = path.contrast
    options = tuple(_proposed(option, contrast) for option in family.options)
    with st.container(horizontal=True, vertical_alignment="top"):
        label = pick_class(family.asked, PAGE)
        settings = pick_settings(options, run, PAGE)
        # At the height of the fields, which have labels.
        with st.container(width="content", vertical_alignment="bottom", height=68, border=False):
            download = st.empty()
    command = DrawPath(
        rows=int(rows), columns=int(columns), picture=picture, seed=int(seed), weights=weights, label=label
    )
    own = replace(command, settings=changed(settings, family.options))
    if contrast is None or contrast.option not in settings:
        return [_Side("", own)], download
    value = settings[contrast.option]
    titled = f"{contrast.with_it} {value:g}"
    if value == contrast.off:
        return [_Side(contrast.without, own)], download
    off = replace(command, settings=changed({**settings, contrast.option: contrast.off}, family.options))
    return [_Side(contrast.without, off), _Side(titled, own)], download


def _grid(path: SamplingPath, title: str, answer: DrawnPath) -> None:
    """A column for each moment, under its number."""
    st.markdown(f"{f'**{escape(title)}** ' if title else ''}:small[:gray[{path.clock}]]")
    for column, moment in zip(st.columns(len(answer.moments), gap="xxsmall"), answer.moments, strict=True):
        column.caption(moment.label.rpartition(" ")[2], text_alignment="center")
        alt = f"Images at {moment.label}, {title[:1].lower()}{title[1:]}".rstrip(", ")
        column.image(moment.png, width="stretch", output_format="PNG", alt=alt)


def _proposed(option: SamplingOption, contrast: Contrast | None) -> SamplingOption:
    """The option with a default that differs from that of the picture next to it."""
    if contrast is not None and option.name == contrast.option and option.default == contrast.off:
        return replace(option, default=contrast.on)
    return option
