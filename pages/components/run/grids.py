"""The newest sample grid and a grid of real images, each in a cell beside a chart.

All pages show images as PNG, because Streamlit's default, JPEG, would blur what the user has to judge.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.run.chart_specification import HEIGHT
from pages.components.shell.browser import layout
from pages.components.shell.pictures import picture
from pages.components.shell.state import snapshot_of
from pipeline.graph.png import width_at
from pipeline.nodes.phases import GridKind
from pipeline.studio.family import RunFamily

HEAD, LINE = 52, 32
"""Pixels of a cell that its heading takes, and a caption below the picture, with their gaps."""


@dataclass(frozen=True)
class GridCaption:
    """The words for a grid: heading, kind of images, and where they come from. below: whether that stands below the
    picture in every window, because it has no room beside the heading."""

    heading: str
    images: str
    source: str
    below: bool = False


MADE: Mapping[GridKind, GridCaption] = {
    "samples": GridCaption("Samples", "generated images", "From fixed noise"),
    "reconstructions": GridCaption("Reconstructions", "reconstructions", "Of held-out images", below=True),
}
REAL: Mapping[GridKind, GridCaption] = {
    "samples": GridCaption("Real images", "real training images", "From the training set"),
    "reconstructions": GridCaption("Originals", "held-out images", "In the same order"),
}


def samples(run: str, family: RunFamily) -> None:
    """The newest sample grid with its step and a download. family: of the run."""
    snapshot = snapshot_of(run)
    made = MADE[family.grid_at(snapshot.samples_step)]
    below = made.below or _tight()
    with _cell("samples_cell"):
        with _head():
            st.markdown(f"**{made.heading}**", width="content")
            if snapshot.samples:
                caption = f"{made.source} after {snapshot.samples_step:,} steps"
                if not below:
                    st.caption(caption, width="content")
                st.download_button(
                    "Download",
                    snapshot.samples,
                    f"{snapshot.run}-step-{snapshot.samples_step}.png",
                    "image/png",
                    key="download_samples",
                    icon=":material/download:",
                    on_click="ignore",
                    type="tertiary",
                    help="The PNG contains its workflow: open it on the Workflow page to restore it.",
                )
        if snapshot.samples:
            _grid(snapshot.samples, f"Grid of {made.images} after {snapshot.samples_step:,} steps", below=below)
            if below:
                st.caption(caption)
        else:
            st.caption("The first grid is drawn when the run starts.")


def real_images(run: str, family: RunFamily) -> None:
    """A grid of real images, at the same size as the samples. family: of the run."""
    snapshot = snapshot_of(run)
    shows = family.grid_at(snapshot.samples_step)
    made, real = MADE[shows], REAL[shows]
    with _cell("real_cell"):
        with _head():
            st.markdown(f"**{real.heading}**", width="content")
            if snapshot.reals:
                st.caption(real.source)
        if snapshot.reals:
            _grid(snapshot.reals, f"Grid of {real.images}", below=made.below or _tight())
        else:
            st.caption("Shown while the run is loaded.")


def _cell(key: str) -> DeltaGenerator:
    """As high as a chart, so that nothing moves when a picture comes or changes its shape."""
    return st.container(height=HEIGHT, border=False, key=key, gap="xsmall")


def _head() -> DeltaGenerator:
    return st.container(horizontal=True, vertical_alignment="center", gap="small")


def _tight() -> bool:
    """Whether a heading has no room for the caption, which then stands below the picture."""
    return layout() == "narrow"


def _grid(png: bytes, alt: str, *, below: bool) -> None:
    """The picture. below: whether a caption stands below one of the two grids, which have the same size."""
    height = HEIGHT - HEAD - (LINE if below else 0)
    picture(png, width_at(png, height), alt)
