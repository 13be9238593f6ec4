"""Choosing a data set and how it is prepared: the workflow's own, a named one, an upload, or a path on the server."""

from dataclasses import replace
from functools import partial
from typing import get_args

import streamlit as st

from pages.components.shell.slot import place
from pipeline.data.fitting import ChannelMode, Fit, Preparation
from pipeline.data.sets import FACTS
from pipeline.data.uploads import source_of, uploads
from pipeline.runs.home import home
from pipeline.studio.data.datasets import DataChoice

DRAFT, SET, UPLOAD, PATH = "draft", "set", "upload", "path"
KEY = "data_set"
LONGEST_SOURCE = 40
FIT_HELP = (
    "How images that are no squares become squares: crop keeps the middle, pad puts black beside it, stretch changes "
    "the proportions."
)
CHANNELS_HELP = "as they come: all become grey where most of them are grey, else all have colour."
HELD_OUT_HELP = (
    "Share of the images, of every class alike, that training never sees. Where the source has held-out images of its "
    "own, those are taken instead."
)
NAMED_HELP = "Named sets come as squares, with channels and held-out images of their own."


def choose_data(drafted: DataChoice | None) -> DataChoice:
    """The set that is chosen, as it is to be prepared; its source is "" while a path has still to be named.

    drafted: what the workflow learns from, which is the first choice.
    """
    options = [
        *([DRAFT] if drafted else []),
        *(f"{SET} {name}" for name in FACTS),
        *(f"{UPLOAD} {upload.name}" for upload in uploads(home())),
        PATH,
    ]
    if st.session_state.get(KEY) not in options:
        # To begin with, and where somebody has deleted the upload.
        st.session_state[KEY] = options[0]
    row, below = st.container(horizontal=True, vertical_alignment="bottom"), place()
    with row:
        option = st.selectbox(
            "Data set",
            options,
            key=KEY,
            persist_state="session",
            width=260,
            format_func=partial(_words, drafted=drafted),
        )
    if drafted and option == DRAFT:
        usual = drafted
    else:
        with below:
            source = _path() if option == PATH else _source(option)
        usual = DataChoice(source, FACTS[source].size if source in FACTS else Preparation().image_size)
    with row:
        return _prepared(usual)


def choose_upload(name: str) -> None:
    """For a button's callback: chooses this upload."""
    st.session_state[KEY] = f"{UPLOAD} {name}"


def source_words(source: str) -> str:
    """A source as people call it; of a long path, its end."""
    if source in FACTS:
        return FACTS[source].title
    return source if len(source) <= LONGEST_SOURCE else f"…{source[1 - LONGEST_SOURCE :]}"


def _words(option: str, drafted: DataChoice | None) -> str:
    kind, _, name = option.partition(" ")
    if kind == DRAFT and drafted:
        return f"The workflow's: {source_words(drafted.source) or 'not named yet'}"
    return {SET: source_words(name), UPLOAD: f"Upload {name}"}.get(kind, "A path on the server")


def _source(option: str) -> str:
    kind, _, name = option.partition(" ")
    return name if kind == SET else source_of(name, home())


def _path() -> str:
    return st.text_input(
        "Path",
        key="data_path",
        persist_state="session",
        placeholder="/data/photos",
        help="A folder of images, a zip of one, an .npz, an IDX file, or CIFAR-10's batches, on the server's disk.",
    ).strip()


def _prepared(usual: DataChoice) -> DataChoice:
    """The set with what the fields say. The keys hold what is usual for it: another set begins with its own."""
    key, named = f"{usual.source} {usual.preparation} {usual.held_out}", usual.named
    size = st.number_input(
        "Image size", 4, 256, usual.image_size, 4, key=f"data_size {key}", width=100, help="Pixels a side."
    )
    fit: Fit = st.selectbox(
        "Fit",
        get_args(Fit),
        get_args(Fit).index(usual.fit),
        key=f"data_fit {key}",
        width=100,
        disabled=named,
        help=NAMED_HELP if named else FIT_HELP,
    )
    channels: ChannelMode = st.selectbox(
        "Channels",
        get_args(ChannelMode),
        get_args(ChannelMode).index(usual.channels),
        key=f"data_channels {key}",
        width=140,
        disabled=named,
        help=NAMED_HELP if named else CHANNELS_HELP,
    )
    held_out = st.number_input(
        "Held out",
        0.0,
        0.5,
        usual.held_out,
        0.05,
        format="%g",
        key=f"data_held_out {key}",
        width=100,
        disabled=named,
        help=NAMED_HELP if named else HELD_OUT_HELP,
    )
    return replace(usual, image_size=int(size), fit=fit, channels=channels, held_out=float(held_out))
