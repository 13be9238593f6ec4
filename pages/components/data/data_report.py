"""The report on a data set: numbers, notes on problems, charts and tables."""

from typing import Any

import pyarrow as pa
import streamlit as st

from pages.components.data.data_charts import CLASSES, HEIGHT, VALUES, class_chart, value_chart
from pages.components.data.data_reading import read_again
from pages.components.shell.browser import layout
from pages.components.shell.notices import run_command
from pages.components.shell.streamlit_gaps import escape
from pages.components.shell.theme import chart_text
from pipeline.data.summary import Summary
from pipeline.nodes.ports import size_words
from pipeline.studio.data import data_tables
from pipeline.studio.data.datasets import DataChoice

IN_FOLDERS = "For labels, put the images of each class into a separate folder."
LABELLING = {
    "a set of WebDataset tars": "For labels, put a .cls or a .json beside each image.",
    "a set of Parquet files": "For labels, add a column `label`.",
}
"""How the images of shards get labels, by the kind of source: folders in them are no classes."""


def numbers(summary: Summary, choice: DataChoice, version: str) -> None:
    """Counts of images and how they are split, and notes on anything unusual."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f"{escape(summary.source)} is {escape(summary.kind)}. {escape(summary.line)}", width="content")
        st.button(
            "Read again",
            key="read_again",
            icon=":material/refresh:",
            type="tertiary",
            help="Read every image again. Added, removed and renamed files are noticed automatically.",
            on_click=run_command,
            args=(read_again, choice, version),
        )
    # In one row of a narrow window, the last labels would be cut.
    columns = [*st.columns(4), *st.columns(4)] if layout() == "narrow" else st.columns([1, 1, 1, 1, 1.3, 1, 1])
    columns[0].metric("Images", f"{summary.count:,}")
    columns[1].metric("Training", f"{summary.train:,}")
    columns[2].metric("Held out", f"{summary.held_out:,}")
    columns[3].metric("Classes", f"{summary.class_count:,}" if summary.labelled else "none")
    columns[4].metric("Prepared", size_words(summary.shape), help="Channels × height × width.")
    columns[5].metric(
        "Duplicates",
        "–" if summary.sampled else f"{summary.copies:,}",
        help="Images that are pixel-identical to another one after preparation."
        + (" Not looked for in a set that is decoded while training." if summary.sampled else ""),
    )
    columns[6].metric("Left out", f"{summary.broken_count:,}", help="Files left out: damaged, or not part of the set.")
    for warning in summary.warnings:
        st.warning(escape(warning), icon=":material/warning:")
    if notes := _notes(summary, choice):
        st.markdown("  \n".join(f":material/info: {escape(note)}" for note in notes))


def charts(summary: Summary) -> None:
    """Charts of the number of images in each class and of the pixel values."""
    values = st.container()
    if summary.labelled:
        left, values = st.columns(2)
        with left:
            title, data = "Images of each class", data_tables.classes(summary)
            if summary.class_count > data.num_rows:
                title = f"Images of the {data.num_rows} largest of {summary.class_count:,} classes"
            _chart(CLASSES, class_chart(title, data.num_rows), data, f"{title}: a bar for each class")
    with values:
        channels = data_tables.channels(summary)
        alt = f"Histogram of pixel values from 0 (black) to 1 (white) for each channel: {', '.join(channels)}"
        _chart(VALUES, value_chart(channels), data_tables.values(summary), alt)


def tables(summary: Summary) -> None:
    """Pixel statistics, sizes and modes in three columns, then duplicates and broken files."""
    left, middle, right = st.columns(3)
    with left:
        st.markdown("**Values** (0 black, 1 white)")
        _table(data_tables.moments(summary), "Mean and standard deviation of each channel")
    with middle:
        st.markdown("**Original sizes**")
        _table(data_tables.sizes(summary), "Number of images of each size")
    with right:
        st.markdown("**Colour modes of the files**")
        _table(data_tables.modes(summary), "Number of images of each mode")
    if summary.groups:
        with st.expander(f"Duplicates: {len(summary.groups):,} groups of equal images", key="duplicates"):
            if summary.shared:
                st.markdown(
                    f":material/warning: {summary.shared:,} groups contain both training and held-out images, which "
                    "makes measurements on held-out images look better than they should."
                )
            _table(data_tables.duplicates(summary), "Groups of equal images")
    if summary.broken:
        with st.expander(f"Files left out: {summary.broken_count:,}", key="broken", expanded=True):
            _table(data_tables.broken(summary), "Files left out, and why")
            if summary.broken_count > len(summary.broken):
                st.caption(
                    f"The first {len(summary.broken):,}. `python -m pipeline data SOURCE --json` lists all of them."
                )


def _notes(summary: Summary, choice: DataChoice) -> list[str]:
    notes = [*summary.notes]
    if not (summary.labelled or choice.named):
        notes.append(f"There are no labels. {LABELLING.get(summary.kind, IN_FOLDERS)}")
    if summary.broken_count:
        one = summary.broken_count == 1
        left_out = "1 file is" if one else f"{summary.broken_count:,} files are"
        notes.append(f"{left_out} left out; see the list below.")
    return notes


def _chart(name: str, spec: dict[str, Any], data: pa.Table, alt: str) -> None:
    st.vega_lite_chart(
        spec=spec | {"config": chart_text(), "datasets": {name: data}},
        height=HEIGHT,
        width="stretch",
        key=f"chart {name}",
        alt=alt,
    )


def _table(data: pa.Table, alt: str) -> None:
    # With thousands separators.
    counts = {name: st.column_config.NumberColumn(format="localized") for name in data.column_names if name == "Images"}
    st.dataframe(data, hide_index=True, alt=alt, height="content", column_config=counts)
