"""Nodes of one's own that are missing: which file failed, why, and where in it."""

import streamlit as st

from pages.components.shell.escape import plain
from pipeline.nodes.catalogue import CUSTOM_NODES
from pipeline.nodes.custom_nodes import torch_remark


def custom_nodes() -> None:
    """What there is to say of the files in GENSCOPE_NODES; nothing where all is well."""
    for failure in CUSTOM_NODES.failed:
        st.warning(
            f"{plain(failure.sentence)} The server reads it again at its next start.", icon=":material/extension_off:"
        )
        if failure.traceback:
            with st.expander(f"Traceback of {plain(failure.path.name)}"):
                st.code(failure.traceback, language=None, wrap_lines=True)
    for path in CUSTOM_NODES.with_torch:
        st.caption(plain(torch_remark(path)))
