"""The templates as cards: picture, name, description, and links to open or start them."""

from collections.abc import Sequence

import streamlit as st

from pages.components.shell.page_paths import WORKFLOW
from pages.components.shell.starting import start_button
from pages.components.shell.streamlit_gaps import escape
from pipeline.studio.workflows import Template

IN_A_ROW = 3


def gallery(templates: Sequence[Template]) -> None:
    """The cards, in rows of three."""
    for start in range(0, len(templates), IN_A_ROW):
        for column, template in zip(st.columns(IN_A_ROW), templates[start : start + IN_A_ROW], strict=False):
            with column.container(border=True, height="stretch"):
                picture(template)
                st.markdown(f"**{escape(template.title)}**")
                st.caption(escape(template.description))
                with st.container(horizontal=True, vertical_alignment="center"):
                    st.page_link(
                        WORKFLOW,
                        label="Open",
                        icon=":material/account_tree:",
                        query_params={"template": template.name},
                        help="View and edit it as a graph.",
                    )
                    start_button("Start", template, key=f"start {template.name}")


def picture(template: Template) -> None:
    """A picture of what the template generates after training."""
    st.image(
        str(template.picture), width="stretch", output_format="PNG", alt=f"Images made by the template {template.title}"
    )
