"""The layers of a network before it is built."""

import streamlit as st

from pipeline.models.plan import Plan

COUNT = st.column_config.NumberColumn(format="localized")


def layer_table(title: str, plan: Plan) -> None:
    """Name, output shape, parameters and multiply-adds of every layer, with their sums above."""
    sums = f"{plan.parameters:,} parameters · {plan.multiply_adds:,} multiply-adds for each image"
    st.markdown(f"**Layers of {title}** :gray[{sums}]")
    st.dataframe(
        {
            "Layer": [layer.name for layer in plan.layers],
            "Output": ["×".join(str(side) for side in layer.output_shape) for layer in plan.layers],
            "Parameters": [layer.parameters for layer in plan.layers],
            "Multiply-adds": [layer.multiply_adds for layer in plan.layers],
        },
        height="content",
        hide_index=True,
        row_height=28,
        key="layer_table",
        column_config={"Parameters": COUNT, "Multiply-adds": COUNT},
    )
