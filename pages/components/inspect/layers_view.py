"""The Layers view: layer statistics over time, histograms of one layer, scores, and Look inside on demand."""

from typing import Any

import pyarrow as pa
import streamlit as st

from pages.components.inspect import layer_charts
from pages.components.inspect.layer_charts import CELLS, CURVES_HEIGHT, HISTOGRAM_HEIGHT, LINES, MEANS, SCORE_HEIGHT
from pages.components.inspect.look_inside import look_inside
from pages.components.shell.notices import empty, run_command
from pages.components.shell.readiness import blocked_because
from pages.components.shell.state import snapshot_of, store, trainer, user_name
from pages.components.shell.streamlit_gaps import CHART_SECONDS, escape, while_busy
from pages.components.shell.theme import chart_text
from pipeline.formatting import listed, number
from pipeline.runs.probes import ProbeHistory
from pipeline.runs.store import RunRecord
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio.family import family_of
from pipeline.studio.inspect import layers
from pipeline.studio.inspect.layers import HISTOGRAM_KINDS, QUANTITIES
from pipeline.studio.run import debugging

EVERY = (0, 1, 10, 50, 100, 500, 1000)
MOST_LAYERS = 4
"""Layers shown one by one; as many as there are dashes."""
SHARED_SECONDS = 2.0
"""Browsers that view the same run within this time share the same probes."""


def layers_view(record: RunRecord, snapshot: Snapshot) -> None:
    """The control that turns probes on, the charts of a run's probes, and Look inside."""
    st.subheader("Layers", anchor=False)
    _control(snapshot)
    scorer = family_of(record.workflow_text, record.data_text).scorer
    st.fragment(_charts, run_every=while_busy(snapshot, CHART_SECONDS))(record.id, scorer)
    look_inside(record, snapshot)


def _control(snapshot: Snapshot) -> None:
    blocked = blocked_because(snapshot, moving=True)
    # The current setting is part of the key, so that a change from another browser shows here too.
    key = f"probes {snapshot.run} {snapshot.probes}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Probes",
            sorted({*EVERY, snapshot.probes}),
            index=sorted({*EVERY, snapshot.probes}).index(snapshot.probes),
            format_func=_frequency,
            key=key,
            width=220,
            disabled=bool(blocked),
            help=blocked or "How often to measure all layers. Probes do not affect training.",
            on_change=_set,
            args=(key, snapshot),
        )
        if snapshot.probes:
            st.caption(f"Probes cost {100 * snapshot.probe_share:.1f} % of training time")


def _frequency(every: int) -> str:
    return {0: "Off", 1: "Every step"}.get(every, f"Every {every:,} steps")


def _set(key: str, snapshot: Snapshot) -> None:
    every = int(st.session_state[key])
    # An accepted change shows under a new key; after a refused one, the control shows the current setting.
    st.session_state[key] = snapshot.probes
    run_command(debugging.set_probes, trainer(), snapshot, user_name(), every)


def _charts(run: str, scorer: str) -> None:
    snapshot = snapshot_of(run)
    found = _probes(run, None if snapshot.busy else (snapshot.mark, snapshot.step))
    if not len(found.steps):
        empty(
            "The first probe is taken in the next training steps."
            if snapshot.probes
            else "Probes are off. Turn them on to see layers over time."
        )
        return
    quantity = _layer_map(found)
    labels = layers.layer_labels(found)
    chosen, kind = _chosen(run, labels)
    if chosen:
        _curves(found, quantity, chosen)
    left, right = st.columns(2)
    for place, layer in enumerate(chosen):
        with (left, right)[place % 2]:
            _histogram(found, labels.index(layer), layer, kind)
    if layers.score_lines(found) is not None:
        with (left, right)[len(chosen) % 2]:
            _scores(found, scorer)


def _layer_map(found: ProbeHistory) -> str:
    """The heat map of all layers; returns the quantity that it shows."""
    quantity = st.selectbox(
        "Quantity",
        list(QUANTITIES),
        format_func=lambda name: QUANTITIES[name].title,
        key="layer_quantity",
        persist_state="session",
        width=320,
    )
    rows = layers.rows_of_map(found)
    title = QUANTITIES[quantity].title
    _draw(
        layer_charts.layer_map(quantity, rows),
        {CELLS: layers.layer_table(found, quantity)},
        layer_charts.map_height(rows),
        f"chart {title}",
        f"Heat map of all layers over steps: {title.lower()}. {layers.extremes(found, quantity)}",
    )
    st.caption(
        f"{escape(layers.extremes(found, quantity))} {layers.initials(found)} "
        f"{len(found.steps):,} steps were probed; each column extends to the next probed step. Blank: no value."
    )
    return quantity


def _chosen(run: str, labels: tuple[str, ...]) -> tuple[list[str], str]:
    """The layers to look at one by one, and the kind of histogram."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.multiselect(
            "Layers",
            labels,
            default=labels[:1],
            max_selections=MOST_LAYERS,
            placeholder=f"Choose up to {MOST_LAYERS}",
            key=f"chosen_layers {run}",
            persist_state="session",
            help="Each chosen layer has a curve of the quantity above, and a histogram over time.",
        )
        kind = st.selectbox(
            "Histogram of",
            list(HISTOGRAM_KINDS),
            format_func=HISTOGRAM_KINDS.__getitem__,
            key="histogram_kind",
            persist_state="session",
            width=150,
        )
    return chosen, kind


def _curves(found: ProbeHistory, quantity: str, chosen: list[str]) -> None:
    title = QUANTITIES[quantity].title
    _draw(
        layer_charts.layer_curves(quantity, tuple(chosen)),
        {LINES: layers.layer_curves(found, quantity, chosen)},
        CURVES_HEIGHT,
        f"chart curves of {title}",
        f"Curves over steps: {title.lower()} of {listed(chosen)}",
    )


def _histogram(found: ProbeHistory, place: int, layer: str, kind: str) -> None:
    cells = layers.histogram_table(found, place, kind)
    words = HISTOGRAM_KINDS[kind]
    _draw(
        layer_charts.histogram_map(kind, layer),
        {CELLS: cells},
        HISTOGRAM_HEIGHT,
        f"chart {words} {layer}",
        f"Heat map of a histogram over steps: {words.lower()} of layer {layer}",
    )
    st.caption(
        f"{words} of {escape(layer)}. Each bin is an octave: twice as wide as the next bin towards zero."
        if cells.num_rows
        else f"{escape(layer)} has no parameters, so there are no {words.lower()}."
    )


def _scores(found: ProbeHistory, scorer: str) -> None:
    """Score distributions at a step. scorer: the network that gives the scores, or "" if it is unknown."""
    step = st.number_input(
        "Scores after step",
        min_value=1,
        value=None,
        placeholder="newest",
        key="score_step",
        persist_state="session",
        width=220,
        help="Shows the last probed step up to this one. Leave it empty for the newest.",
    )
    shown = layers.score_lines(found, None if step is None else int(step))
    if shown is None:
        st.caption("No scores were measured up to this step.")
        return
    means = [f"{row['group']} {number(row['mean'])}" for row in shown.means.to_pylist()]
    words = f"After step {shown.step:,} the mean score is: {', '.join(means)}."
    title = f"{scorer.capitalize()} scores" if scorer else "Scores"
    _draw(
        layer_charts.score_chart(title),
        {LINES: shown.lines, MEANS: shown.means},
        SCORE_HEIGHT,
        "chart Scores",
        f"Distribution of {title.lower()} of real, fake and held-out images. {words}",
    )
    st.caption(f"{words} Vertical lines mark the means.")


def _draw(spec: dict[str, Any], tables: dict[str, pa.Table], height: int, key: str, alt: str) -> None:
    st.vega_lite_chart(
        spec=spec | {"config": chart_text(), "datasets": tables}, height=height, width="stretch", key=key, alt=alt
    )


@st.cache_resource(show_spinner=False, ttl=SHARED_SECONDS, max_entries=20)
def _probes(run: str, still: object) -> ProbeHistory:
    """The run's probes, cached. still: cache key of an idle run's state; None while the run is busy."""
    return layers.history(store(), run)
