"""The newest sample grid and a grid of real images, side by side at the same size.

All pages show images as PNG, because Streamlit's default, JPEG, would blur what the user has to judge.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from pages.components.shell.state import snapshot_of
from pipeline.nodes.ports import GridKind


@dataclass(frozen=True)
class GridCaption:
    """The words for a grid: heading, kind of images, and where they come from."""

    heading: str
    images: str
    source: str


MADE: Mapping[GridKind, GridCaption] = {
    "samples": GridCaption("Samples", "generated images", "From fixed noise"),
    "reconstructions": GridCaption("Reconstructions", "reconstructions", "Held-out images, encoded and decoded,"),
}
REAL: Mapping[GridKind, GridCaption] = {
    "samples": GridCaption("Real images", "real training images", "From the training set"),
    "reconstructions": GridCaption("Originals", "held-out images", "Held-out images, in the same order"),
}


def samples_beside_real(run: str, shows: GridKind) -> None:
    """The newest sample grid with its step and a download, and a grid of real images. shows: what the grid contains."""
    snapshot = snapshot_of(run)
    made, real = MADE[shows], REAL[shows]
    left, right = st.columns(2)
    with left:
        st.subheader(made.heading, anchor=False)
        if snapshot.samples:
            alt = f"Grid of {made.images} after {snapshot.samples_step:,} steps"
            st.image(snapshot.samples, width="stretch", output_format="PNG", alt=alt)
            with st.container(horizontal=True, vertical_alignment="center"):
                st.caption(f"{made.source} after {snapshot.samples_step:,} steps")
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
        else:
            st.caption("The first grid is drawn when the run starts.")
    with right:
        st.subheader(real.heading, anchor=False)
        if snapshot.reals:
            st.image(snapshot.reals, width="stretch", output_format="PNG", alt=f"Grid of {real.images}")
            st.caption(real.source)
        else:
            st.caption("Shown while the run is loaded.")
