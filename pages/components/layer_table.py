"""The layers of a network before it is built."""

import streamlit as st

from pipeline.models.plan import Plan

NAME = st.column_config.TextColumn(width="large")
"""Wide enough for the path of a layer inside a block."""
COUNT = st.column_config.NumberColumn(format="localized")


def layer_table(title: str, plan: Plan) -> None:
    """Name, output shape, parameters and multiply-adds of every layer, with their sums above.

    A residual block is one row, or a row for every layer inside it.
    """
    sums = f"{plan.parameters:,} parameters · {plan.multiply_adds:,} multiply-adds for each image"
    normalized = " · spectral normalization" if plan.spectral_norm else ""
    st.markdown(f"**Layers of {title}** :gray[{sums}{normalized}]")
    rows = [(layer.name, layer) for layer in plan.layers]
    if plan.has_blocks and st.toggle("Show the layers inside blocks", key="inside_blocks"):
        rows = list(plan.leaves)
    st.dataframe(
        {
            "Layer": [name for name, _ in rows],
            "Output": ["×".join(str(side) for side in layer.output_shape) for _, layer in rows],
            "Parameters": [layer.parameters for _, layer in rows],
            "Multiply-adds": [layer.multiply_adds for _, layer in rows],
        },
        height="content",
        hide_index=True,
        row_height=28,
        key="layer_table",
        column_config={"Layer": NAME, "Parameters": COUNT, "Multiply-adds": COUNT},
    )
