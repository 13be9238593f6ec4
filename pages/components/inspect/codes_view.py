"""What becomes of images that are coded: reconstructions beside their originals, and where codes lie in the plane."""

from typing import Any

import altair as alt
import streamlit as st

from pages.components.shell.escape import plain
from pages.components.shell.notices import attempt
from pages.components.shell.palette import COLOURS, NEUTRAL
from pages.components.shell.polling import while_busy
from pages.components.shell.readiness import blocked_because, half_walked
from pages.components.shell.state import snapshot_of, trainer
from pipeline.formatting import number
from pipeline.runs.store import RunRecord
from pipeline.runtime.messages import Snapshot
from pipeline.studio.family import family_of
from pipeline.studio.inspect import codes
from pipeline.studio.inspect.codes import GROUPS, PLANES, CodesLook

POINTS = "points"
COUNT = 10
"""Images of each set in a row."""
WIDTH = 64
"""Pixels that an image is wide; a row of them fits a small screen."""
CHART_HEIGHT = 460
CLASSES = [
    *(COLOURS["blue"], COLOURS["orange"], COLOURS["green"], "#B5508C", COLOURS["brown"]),
    *(NEUTRAL, "#6A6FD8", "#C0392B", "#5B8C2A", "#2F8FA3"),
]
"""Dark enough for a white page and light enough for a dark one; an eleventh class begins again with the first."""
SHARED_SECONDS = 2.0
"""Browsers that look at the same run within this time are given the same look: the engine takes it once for all."""


def codes_view(record: RunRecord, seen: Snapshot) -> None:
    """Reconstructions and codes of the run as it stands, taken anew while it trains."""
    first = st.number_input(
        "From image",
        min_value=1,
        value=1,
        step=COUNT,
        key="codes_first",
        persist_state="session",
        width=150,
        help="Number of the first image shown of each set; the next ones follow.",
    )
    st.fragment(_codes, run_every=while_busy(seen, 3.0))(record.id, record.workflow_text, int(first))


def _codes(run: str, workflow_text: str, first: int) -> None:
    now = snapshot_of(run)
    if hindered := blocked_because(now, moving=True):
        st.caption(hindered)
        return
    if half_walked(now):
        st.caption("A step is half walked. Finish it under Step, then images are encoded and decoded here.")
        return
    names = family_of(workflow_text).class_names
    found = attempt(_looked, run, first, names, None if now.busy else (now.mark, now.step))
    if found is not None:
        _reconstructions(found)
        _scatter(found)


def _reconstructions(found: CodesLook) -> None:
    st.subheader("Reconstructions", anchor=False)
    for name, pairs in found.groups.items():
        st.markdown(f"**{GROUPS[name]}**: error {number(codes.mean_error(pairs))}")
        with st.container(horizontal=True, gap="small"):
            for pair in pairs:
                alternative = f"Image, reconstruction and difference, error {number(pair.error)}"
                st.image(pair.png, f"{pair.error:.3f}", WIDTH, output_format="PNG", alt=alternative)
    st.caption(
        f"After {found.step:,} steps, with the weights that are being trained. From top to bottom: the image, its "
        "reconstruction, how far they differ (black: not at all). Error: root mean square difference of the pixel "
        "values, which lie in [−1, 1]."
    )


def _scatter(found: CodesLook) -> None:
    st.subheader("Codes", anchor=False)
    chosen = st.segmented_control(
        "Axes",
        list(PLANES),
        default="variance",
        required=True,
        format_func=PLANES.__getitem__,
        key="codes_plane",
        persist_state="session",
        help="Widest units: the two latent dimensions that differ most between images. Principal components: the two "
        "directions along which codes differ most, whatever their units.",
    )
    plane = found.planes[chosen]
    count = plane.points.num_rows
    st.vega_lite_chart(
        spec=scatter_plot() | {"datasets": {POINTS: plane.points}},
        height=CHART_HEIGHT,
        width="stretch",
        key="chart Codes",
        alt=f"Scatter plot of {count} codes: {plane.axes[0]} across, {plane.axes[1]} upward, each with its class",
    )
    st.caption(
        f"The codes of {count:,} held-out images, each drawn as its class. Across: {plain(plane.axes[0])}; upward: "
        f"{plain(plane.axes[1])}."
    )


@st.cache_data(show_spinner=False)
def scatter_plot() -> dict[str, Any]:
    """Every point is written as its class and coloured by it, so that colour is never alone."""
    chart = (
        alt.Chart(alt.NamedData(name=POINTS))
        .mark_text(fontSize=13, fontWeight="bold")
        .encode(
            x=alt.X("x:Q", title="across", scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=6)),
            y=alt.Y("y:Q", title="upward", scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=6)),
            text="class:N",
            color=alt.Color("class:N", scale=alt.Scale(range=CLASSES), legend=None),
            tooltip=[
                alt.Tooltip("class:N", title="Class"),
                alt.Tooltip("x:Q", title="Across", format=".3~r"),
                alt.Tooltip("y:Q", title="Upward", format=".3~r"),
            ],
        )
    )
    built: dict[str, Any] = chart.properties(
        title=alt.TitleParams("Codes by class", offset=4), height=CHART_HEIGHT
    ).to_dict(validate=False)
    # Altair writes a size into `config`; the page gives it.
    del built["config"]
    return built


@st.cache_resource(show_spinner=False, ttl=SHARED_SECONDS, max_entries=20)
def _looked(run: str, first: int, class_names: tuple[str, ...], still: object) -> CodesLook:
    """still: tells states of a run apart between which its codes differ; None while it moves."""
    return codes.look_at_codes(trainer(), snapshot_of(run), first, COUNT, class_names)
