"""The templates as cards: a picture of what they make, a name, a sentence, and what to do with them."""

from collections.abc import Sequence

import streamlit as st

from pages.components.shell.escape import plain
from pages.components.shell.starting import start_button
from pipeline.studio.workflows import Template

IN_A_ROW = 3


def gallery(templates: Sequence[Template]) -> None:
    """Cards in rows of three."""
    for start in range(0, len(templates), IN_A_ROW):
        for column, template in zip(st.columns(IN_A_ROW), templates[start : start + IN_A_ROW], strict=False):
            with column.container(border=True, height="stretch"):
                picture(template)
                st.markdown(f"**{plain(template.title)}**")
                st.caption(plain(template.description))
                with st.container(horizontal=True, vertical_alignment="center"):
                    st.page_link(
                        "pages/1_Workflow.py",
                        label="Open",
                        icon=":material/account_tree:",
                        query_params={"template": template.name},
                        help="Shows it as a graph to look at and change.",
                    )
                    start_button("Start", template, key=f"start {template.name}")


def picture(template: Template) -> None:
    """What the template makes, once it has been trained."""
    st.image(
        str(template.picture), width="stretch", output_format="PNG", alt=f"Images made by the template {template.title}"
    )
