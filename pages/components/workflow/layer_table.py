"""The layer table of a network before training: computed from a plan, read from disk, or measured by the engine."""

from collections.abc import Callable, Mapping

import streamlit as st

from pages.components.shell.state import drawing_engine
from pages.components.shell.streamlit_gaps import escape
from pipeline.errors.base import GenscopeError
from pipeline.errors.training import CommandRefused
from pipeline.graph.check import Report
from pipeline.models.layers import LayerTable
from pipeline.models.plan import Shape
from pipeline.nodes import layer_tables
from pipeline.runs.home import home
from pipeline.studio import networks

NAME = st.column_config.TextColumn(width="large")
"""Wide enough for the path of a layer inside a block."""
COUNT = st.column_config.NumberColumn(format="localized")


def network_layers(report: Report, node_id: str) -> None:
    """The layer table of this node's network; nothing if the node has no network or its shapes do not fit.

    If the module cannot be built or called, the error is shown instead.
    """
    if layer_tables.network(report, node_id) is None:
        return
    title = escape(report.titles[node_id])
    table = networks.known_layers(home(), report, node_id)
    if table is None:
        try:
            with st.spinner("Computing the layers"):
                table = _ask(report, node_id)
        except GenscopeError as error:
            st.markdown(f"**Layers of {title}**")
            st.error(escape(str(error)), icon=":material/error:")
            return
    layer_table(title, table)


def weights(report: Report, node_id: str, meanwhile: Callable[[], object]) -> Mapping[str, Shape]:
    """Shapes of the weights of this node's network, by name. meanwhile: called before an engine is asked for them.

    Raises CommandRefused, EngineGone if the engine cannot compute them.
    """
    table = networks.stored_layers(home(), report, node_id)
    if table is None:
        meanwhile()
        table = _ask(report, node_id)
    return table.weights


def layer_table(title: str, table: LayerTable) -> None:
    """Name, output shape, parameters and multiply-adds of every layer, with the totals above.

    A toggle shows a residual block as one row or as a row for every layer inside it.
    """
    sums = f"{table.parameters:,} parameters · {table.multiply_adds:,} multiply-adds for each image"
    normalized = " · spectral normalization" if table.normalized else ""
    st.markdown(f"**Layers of {title}** :gray[{sums}{normalized}]")
    rows = table.rows
    if table.inside and st.toggle("Show the layers inside blocks", key="inside_blocks"):
        rows = table.inside
    st.dataframe(
        {
            "Layer": [row.name for row in rows],
            "Output": ["×".join(map(str, row.output_shape or ())) for row in rows],
            "Parameters": [row.parameters for row in rows],
            "Multiply-adds": [row.multiply_adds for row in rows],
        },
        height="content",
        hide_index=True,
        row_height=28,
        key="layer_table",
        alt=f"The {len(rows)} layers, with output shape, parameters and multiply-adds",
        column_config={"Layer": NAME, "Parameters": COUNT, "Multiply-adds": COUNT},
    )


def _ask(report: Report, node_id: str) -> LayerTable:
    answer = _answer(layer_tables.key_of(report, node_id), drawing_engine().snapshot.pid, report, node_id)
    if isinstance(answer, LayerTable):
        return answer
    raise CommandRefused(*answer)


@st.cache_data(show_spinner=False, max_entries=50)
def _answer(key: str, pid: int, _report: Report, _node_id: str) -> LayerTable | tuple[str, str, int]:
    """The engine's answer, refusals included; cached, because the same process (`pid`) always gives the same answer."""
    try:
        return networks.ask(drawing_engine(), _report, _node_id)
    except CommandRefused as error:
        return error.kind, str(error), error.exit_code
