"""Nodes of one's own that are missing: which file failed, why, and where in it."""

import streamlit as st

from pages.components.plain import plain
from pipeline.nodes.catalogue import OWN_NODES
from pipeline.nodes.own import torch_remark


def own_nodes() -> None:
    """What there is to say of the files in GENSCOPE_NODES; nothing where all is well."""
    for failure in OWN_NODES.failed:
        st.warning(
            f"{plain(failure.sentence)} The server reads it again at its next start.", icon=":material/extension_off:"
        )
        if failure.traceback:
            with st.expander(f"Traceback of {plain(failure.path.name)}"):
                st.code(failure.traceback, language=None, wrap_lines=True)
    for path in OWN_NODES.with_torch:
        st.caption(plain(torch_remark(path)))
