"""What a run's images are: the line on what was read, and the warnings. Also what it is trained with."""

import streamlit as st

from pages.components.shell.streamlit_gaps import escape
from pipeline.formatting import conditions
from pipeline.nodes.run_data import training_findings
from pipeline.runs.store import RunRecord


def run_images(record: RunRecord) -> None:
    """How many images were read, how they are split and what was left out; nothing for runs of older versions."""
    found = training_findings(record.data)
    if found is None:
        return
    for warning in found.warnings:
        st.warning(escape(warning), icon=":material/warning:")
    st.caption(f":material/photo_library: {escape(found.line)}")


def run_conditions(record: RunRecord) -> None:
    """What equal results depend on besides the workflow."""
    st.caption(
        f":material/casino: Trained with {conditions(record.seed, record.device, record.threads, record.processes)}."
    )
