"""Custom nodes that failed to load: the file, the error and its traceback."""

import streamlit as st

from pages.components.shell.streamlit_gaps import escape
from pipeline.nodes.catalogue import CUSTOM_NODES
from pipeline.nodes.custom_nodes import torch_remark


def custom_nodes() -> None:
    """Warnings about the files in GENSCOPE_NODES, if any."""
    for failure in CUSTOM_NODES.failed:
        st.warning(f"{escape(failure.sentence)} Restart the server to load it again.", icon=":material/extension_off:")
        if failure.traceback:
            with st.expander(f"Traceback of {escape(failure.path.name)}"):
                st.code(failure.traceback, language=None, wrap_lines=True)
    for path in CUSTOM_NODES.with_torch:
        st.caption(escape(torch_remark(path)))
