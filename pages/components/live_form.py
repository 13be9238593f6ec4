"""The sidebar's parameters that may change while a run goes on."""

import math

import streamlit as st

from pages.components.notices import carry_out
from pages.components.plain import plain
from pages.components.readiness import state_word
from pages.components.state import trainer, who
from pipeline.runtime.messages import Snapshot
from pipeline.studio import training
from pipeline.studio.training import LiveParameter


def live_form(workflow_text: str, seen: Snapshot) -> None:
    """A field for each live parameter; a change takes effect at the next step and is marked on the charts."""
    st.subheader("Live parameters", anchor=False)
    st.caption("A change takes effect at the next step and is marked on the charts.")
    node = ""
    for live in training.live_parameters(workflow_text):
        if live.key in seen.live:
            if live.node != node:
                st.markdown(f"**{plain(live.node_title)}**")
                node = live.node
            _field(live, float(seen.live[live.key]), seen)


def _field(live: LiveParameter, value: float, seen: Snapshot) -> None:
    # The value in force is part of the key, so that a change from another browser shows here too.
    key = f"live {seen.run} {live.key} {value!r}"
    form = live.parameter
    # The field has no bounds of its own: it would put its lowest value in the place of one out of range, unasked.
    bounds = "" if form.minimum is None or form.maximum is None else f" From {form.minimum:g} to {form.maximum:g}."
    if key not in st.session_state:
        st.session_state[key] = value
    st.number_input(
        form.label,
        step=float(form.step) if form.step else 10.0 ** math.floor(math.log10(value or 1e-4)),
        format="%g",
        key=key,
        help=form.help + bounds,
        disabled=state_word(seen) == "failed",
        on_change=_send,
        args=(live, key, value, seen),
    )


def _send(live: LiveParameter, key: str, in_force: float, seen: Snapshot) -> None:
    value = st.session_state[key]
    # A change that is taken shows under a key of its own; after one that was refused the field shows what holds.
    st.session_state[key] = in_force
    carry_out(training.set_live, trainer(), seen, who(), live.node, live.parameter.name, value)
