"""The sidebar's form for live parameters, which can change during training."""

import math

import streamlit as st

from pages.components.run.branching import change
from pages.components.shell.escape import plain
from pages.components.shell.readiness import state_word
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio.run import training
from pipeline.studio.run.training import LiveParameter


def live_form(workflow_text: str, seen: Snapshot) -> None:
    """A field for each live parameter of the run, grouped by node."""
    st.subheader("Live parameters", anchor=False)
    st.caption("A change takes effect at the next step and is marked on the charts.")
    node = ""
    for live in training.live_parameters(workflow_text):
        if live.key in seen.live:
            if live.node != node:
                st.markdown(f"**{plain(live.node_title)}**")
                node = live.node
            _field(live, seen.live[live.key], seen)


def _field(live: LiveParameter, in_force: float, seen: Snapshot) -> None:
    form = live.parameter
    whole = form.kind == "int"
    value = int(in_force) if whole else float(in_force)
    step = form.step or 10.0 ** math.floor(math.log10(value or 1e-4))
    # The current value is part of the key, so that a change from another browser shows here too.
    key = f"live {seen.run} {live.key} {value!r}"
    # The field has no bounds: Streamlit would silently replace a value out of range by the minimum.
    bounds = "" if form.minimum is None or form.maximum is None else f" From {form.minimum:g} to {form.maximum:g}."
    if key not in st.session_state:
        st.session_state[key] = value
    st.number_input(
        form.label,
        step=int(step) if whole else float(step),
        format="%d" if whole else "%g",
        key=key,
        help=form.help + bounds,
        disabled=state_word(seen) == "failed",
        on_change=_send,
        args=(live, key, value, seen),
    )


def _send(live: LiveParameter, key: str, in_force: float, seen: Snapshot) -> None:
    value = st.session_state[key]
    # An accepted change shows under a new key; after a refused one, the field shows the current value.
    st.session_state[key] = in_force
    change(seen, training.set_live, live.node, live.parameter.name, value)
