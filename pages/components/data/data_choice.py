"""Choose a data set (the workflow's, a named one, an upload or a path on the server) and how it is prepared."""

from dataclasses import replace
from functools import partial
from typing import get_args

import streamlit as st

from pages.components.shell.streamlit_gaps import slot
from pipeline.data.files.shades import Shades
from pipeline.data.fitting import ChannelMode, Fit, Preparation
from pipeline.data.sets import FACTS
from pipeline.data.uploads import source_of, uploads
from pipeline.runs.home import home
from pipeline.studio.data.datasets import DataChoice

DRAFT, SET, UPLOAD, PATH = "draft", "set", "upload", "path"
KEY = "data_set"
LONGEST_SOURCE = 40
FIT_HELP = "How to make images square. crop: keep the centre. pad: add black bars. stretch: change the proportions."
CHANNELS_HELP = "as they come: grey if most images are grey, otherwise colour."
SHADES_HELP = (
    "Which stored values become black and white. as stored: chosen by the values, and named below. full: all that the "
    "type can hold. largest value: 0 to the largest value of all images. percentiles: without the darkest and "
    "brightest 0.5%. 8 to 16 bits: for images of more than 8 bits."
)
HELD_OUT_HELP = (
    "Share of the images of each class that training never sees. If the source has its own held-out images, those "
    "are used instead."
)
NAMED_HELP = "Named data sets have fixed channels, shades and held-out images, and their images are square."


def choose_data(drafted: DataChoice | None) -> DataChoice:
    """Draw the fields and return the chosen set and preparation. The source is "" if no path has been entered yet.

    drafted: the workflow's data, which is the first option.
    """
    options = [
        *([DRAFT] if drafted else []),
        *(f"{SET} {name}" for name in FACTS),
        *(f"{UPLOAD} {upload.name}" for upload in uploads(home())),
        PATH,
    ]
    if st.session_state.get(KEY) not in options:
        # On the first visit, or if the chosen upload has been deleted.
        st.session_state[KEY] = options[0]
    row, below = st.container(horizontal=True, vertical_alignment="bottom"), slot()
    with row:
        option = st.selectbox(
            "Data set",
            options,
            key=KEY,
            persist_state="session",
            width=200,
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
    """For a button's callback: choose this upload."""
    st.session_state[KEY] = f"{UPLOAD} {name}"


def source_words(source: str) -> str:
    """A source for display: the title of a named set, or the path, shortened at its start."""
    if source in FACTS:
        return FACTS[source].title
    return source if len(source) <= LONGEST_SOURCE else f"…{source[1 - LONGEST_SOURCE :]}"


def _words(option: str, drafted: DataChoice | None) -> str:
    kind, _, name = option.partition(" ")
    if kind == DRAFT and drafted:
        # The name of a set, as the Workflow page shows it, and not its longer title: the field is narrow.
        source = drafted.source if drafted.named else source_words(drafted.source)
        return f"Workflow: {source or 'no source yet'}"
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
        help="On the server's disk: a folder of images, a zip or a tar of one, a folder of shards (.tar, .parquet), an "
        ".npz file, an IDX file or CIFAR-10's batches.",
    ).strip()


def _prepared(usual: DataChoice) -> DataChoice:
    """The set, prepared as the fields say. Their keys contain the set's defaults, so that another set starts with its
    own defaults."""
    key, named = f"{usual.source} {usual.preparation} {usual.held_out}", usual.named
    size = st.number_input(
        "Image size", 4, 256, usual.image_size, 4, key=f"data_size {key}", width=96, help="Side length in pixels."
    )
    fit: Fit = st.selectbox(
        "Fit",
        get_args(Fit),
        get_args(Fit).index(usual.fit),
        key=f"data_fit {key}",
        width=92,
        disabled=named,
        help=NAMED_HELP if named else FIT_HELP,
    )
    channels: ChannelMode = st.selectbox(
        "Channels",
        get_args(ChannelMode),
        get_args(ChannelMode).index(usual.channels),
        key=f"data_channels {key}",
        width=126,
        disabled=named,
        help=NAMED_HELP if named else CHANNELS_HELP,
    )
    shades: Shades = st.selectbox(
        "Shades",
        get_args(Shades),
        get_args(Shades).index(usual.shades),
        key=f"data_shades {key}",
        width=126,
        disabled=named,
        help=NAMED_HELP if named else SHADES_HELP,
    )
    held_out = st.number_input(
        "Held out",
        0.0,
        0.5,
        usual.held_out,
        0.05,
        format="%g",
        key=f"data_held_out {key}",
        width=84,
        disabled=named,
        help=NAMED_HELP if named else HELD_OUT_HELP,
    )
    return replace(usual, image_size=int(size), fit=fit, channels=channels, shades=shades, held_out=float(held_out))
