"""The Codes view: reconstructions under their originals, and a scatter plot of the codes in two dimensions."""

from typing import Any

import altair as alt
import streamlit as st

from pages.components.shell.notices import try_or_show
from pages.components.shell.palette import CLASS_COLOURS
from pages.components.shell.readiness import blocked_because, mid_step
from pages.components.shell.state import snapshot_of, trainer
from pages.components.shell.streamlit_gaps import CHART_SECONDS, escape, while_busy
from pages.components.shell.theme import chart_text
from pipeline.formatting import number
from pipeline.runs.store import RunRecord
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio.family import family_of
from pipeline.studio.inspect import codes
from pipeline.studio.inspect.codes import GROUPS, PLANES, CodesPage

POINTS = "points"
COUNT = 10
"""Images of each set, shown in one row."""
WIDTH = 64
"""Width of an image in pixels; a row of COUNT fits a small screen."""
CHART_HEIGHT = 460
SHARED_SECONDS = 2.0
"""Browsers that view the same run within this time share one result, which the engine computes once."""


def codes_view(record: RunRecord, snapshot: Snapshot) -> None:
    """Reconstructions and codes of the run in its current state, recomputed while it trains."""
    first = st.number_input(
        "From image",
        min_value=1,
        value=1,
        step=COUNT,
        key="codes_first",
        persist_state="session",
        width=150,
        help="Number of the first image to show from each set.",
    )
    st.fragment(_codes, run_every=while_busy(snapshot, CHART_SECONDS))(
        record.id, family_of(record.workflow_text, record.data_text).class_names, int(first)
    )


def _codes(run: str, names: tuple[str, ...], first: int) -> None:
    snapshot = snapshot_of(run)
    if blocked := blocked_because(snapshot, moving=True):
        st.caption(blocked)
        return
    if mid_step(snapshot):
        st.caption("The run is in the middle of a step. Press Finish step in the Step view to see codes here.")
        return
    found = try_or_show(_looked, run, first, names, None if snapshot.busy else (snapshot.mark, snapshot.step))
    if found is not None:
        _reconstructions(found)
        _scatter(found)


def _reconstructions(found: CodesPage) -> None:
    st.subheader("Reconstructions", anchor=False)
    for name, pairs in found.groups.items():
        st.markdown(f"**{GROUPS[name]}**: error {number(codes.mean_error(pairs))}")
        with st.container(horizontal=True, gap="small"):
            for pair in pairs:
                alternative = f"Image, reconstruction and difference, error {number(pair.error)}"
                st.image(pair.png, f"{pair.error:.3f}", WIDTH, output_format="PNG", alt=alternative)
    st.caption(
        f"After {found.step:,} steps, with the raw (not averaged) weights. From top to bottom: the image, its "
        "reconstruction, and their difference (black: none). Error: root mean square difference of the pixel "
        "values, which are in [−1, 1]."
    )


def _scatter(found: CodesPage) -> None:
    st.subheader("Codes", anchor=False)
    chosen = st.segmented_control(
        "Axes",
        list(PLANES),
        default="variance",
        required=True,
        format_func=PLANES.__getitem__,
        key="codes_plane",
        persist_state="session",
        help="Highest variance: the two latent dimensions that vary most between images. Principal components: the two "
        "directions along which the codes vary most.",
    )
    plane = found.planes[chosen]
    count = plane.points.num_rows
    st.vega_lite_chart(
        spec=scatter_plot() | {"config": chart_text(), "datasets": {POINTS: plane.points}},
        height=CHART_HEIGHT,
        width="stretch",
        key="chart Codes",
        alt=f"Scatter plot of {count} codes: {plane.axes[0]} horizontally, {plane.axes[1]} vertically, each with its "
        "class",
    )
    st.caption(
        f"The codes of {count:,} held-out images, each drawn as its class. Horizontal: {escape(plane.axes[0])}; "
        f"vertical: {escape(plane.axes[1])}."
    )


@st.cache_data(show_spinner=False)
def scatter_plot() -> dict[str, Any]:
    """A scatter plot that draws each point as the name of its class, in the colour of the class."""
    chart = (
        alt.Chart(alt.NamedData(name=POINTS))
        .mark_text(fontSize=13, fontWeight="bold")
        .encode(
            x=alt.X("x:Q", title="horizontal", scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=6)),
            y=alt.Y("y:Q", title="vertical", scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=6)),
            text="class:N",
            color=alt.Color("class:N", scale=alt.Scale(range=CLASS_COLOURS), legend=None),
            tooltip=[
                alt.Tooltip("class:N", title="Class"),
                alt.Tooltip("x:Q", title="Horizontal", format=".3~r"),
                alt.Tooltip("y:Q", title="Vertical", format=".3~r"),
            ],
        )
    )
    built: dict[str, Any] = chart.properties(
        title=alt.TitleParams("Codes by class", offset=4), height=CHART_HEIGHT
    ).to_dict(validate=False)
    # Altair writes a size into `config`; the page sets the size.
    del built["config"]
    return built


@st.cache_resource(show_spinner=False, ttl=SHARED_SECONDS, max_entries=20)
def _looked(run: str, first: int, class_names: tuple[str, ...], still: object) -> CodesPage:
    """The codes, cached. still: cache key of an idle run's state; None while the run is busy."""
    return codes.look_at_codes(trainer(), snapshot_of(run), first, COUNT, class_names)
