"""Images between two images of a seed, as a strip: their noise is interpolated."""

from collections.abc import Mapping

import streamlit as st

from pages.components.draw.drawing import drawn
from pages.components.draw.fields import changed, pick_class, pick_settings, pick_weights
from pages.components.shell.browser import Layout, layout
from pages.components.shell.pictures import picture
from pages.components.shell.streamlit_gaps import escape
from pipeline.runs.store import RunRecord
from pipeline.runtime.messages.drawing_commands import DrawBetween
from pipeline.studio.family import RunFamily

WIDTHS: Mapping[Layout, int] = {"narrow": 560, "normal": 880, "wide": 1400}
MOST_FRAMES, LARGEST_NUMBER = 32, 100_000


def interpolation(run: RunRecord, step: int, family: RunFamily) -> None:
    """The fields, then the strip with its download. step: of the checkpoint."""
    with st.container(horizontal=True, vertical_alignment="top"):
        first = st.number_input("From image", 1, LARGEST_NUMBER, 1, key="between_first", width=120)
        last = st.number_input(
            "To image", 1, LARGEST_NUMBER, 2, key="between_last", width=120, help="Numbers in the grid of this seed."
        )
        frames = st.number_input("Frames", 2, MOST_FRAMES, 8, key="between_frames", width=110)
        seed = st.number_input("Seed", 0, 2**31 - 1, 0, key="between_seed", width=130)
        weights = pick_weights("between")
    label, settings = None, {}
    if family.asked or family.options:
        with st.container(horizontal=True, vertical_alignment="top"):
            label = pick_class(family.asked, "between", "of the first image")
            settings = changed(pick_settings(family.options, run.id, "between"), family.options)
    command = DrawBetween(
        run=run.id,
        step=step,
        first=int(first),
        last=int(last),
        frames=int(frames),
        seed=int(seed),
        weights=weights,
        label=label,
        settings=settings,
    )
    strip = drawn(command, step)
    if strip is None:
        return
    if caution := family.caution(step):
        st.info(caution, icon=":material/info:")
    steady = f" {family.path.steady}" if family.path and family.path.steady else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            escape(
                f"From image {first:,} to image {last:,} of seed {seed}, at step {strip.step:,}: their noise is "
                f"interpolated on a great circle.{steady}"
            )
        )
        st.download_button(
            "Download PNG",
            strip.png,
            f"{run.id}-step-{strip.step}-seed-{seed}-from-{first}-to-{last}.png",
            "image/png",
            key="download_strip",
            icon=":material/download:",
            on_click="ignore",
            help="The PNG contains its workflow: open it on the Workflow page to restore it.",
        )
    alt = f"{frames} generated images from image {first} to image {last} of seed {seed}, step {strip.step:,}"
    picture(strip.png, WIDTHS[layout()], alt)
