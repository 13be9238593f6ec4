"""The sidebar's form for live parameters, which can change during training.

`?live=NODE.PARAMETER` in the address puts the focus into the field of that parameter, as the links of hints do.
"""

from collections.abc import Sequence

import streamlit as st

from pages.components.run.branching import change_following_fork
from pages.components.shell.focusing import focus_if_requested, request_focus, take_request
from pages.components.shell.readiness import state_word
from pages.components.shell.streamlit_gaps import escape
from pipeline.formatting import plain
from pipeline.graph.form import increment, pressed
from pipeline.nodes.phases import Phase
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio.run import training
from pipeline.studio.run.phases import idle_sentence
from pipeline.studio.run.training import LiveParameter

ADDRESS = "live"
"""The parameter of the address that names a live parameter."""


def live_form(workflow_text: str, snapshot: Snapshot, phases: Sequence[Phase] = ()) -> None:
    """A field for each live parameter of the run, grouped by node. phases: of the training."""
    st.subheader("Live parameters", anchor=False)
    st.caption("A change takes effect at the next step and is marked on the charts.")
    asked = take_request(ADDRESS)
    node = ""
    for live in training.live_parameters(workflow_text):
        if live.key in snapshot.live:
            if live.node != node:
                st.markdown(f"**{escape(live.node_title)}**")
                node = live.node
                if idle := idle_sentence(snapshot, phases, node):
                    st.caption(f":material/bedtime: {escape(idle)}")
            if live.key == asked:
                request_focus(ADDRESS, _key(live, snapshot.live[live.key], snapshot))
            _field(live, snapshot.live[live.key], snapshot)
    focus_if_requested(ADDRESS, focus=True)


def _key(live: LiveParameter, in_force: float, snapshot: Snapshot) -> str:
    value = int(in_force) if live.parameter.kind == "int" else float(in_force)
    # The current value is part of the key, so that a change from another browser shows here too.
    return f"live {snapshot.run} {live.key} {value!r}"


def _field(live: LiveParameter, in_force: float, snapshot: Snapshot) -> None:
    form = live.parameter
    whole = form.kind == "int"
    value = int(in_force) if whole else float(in_force)
    step = increment(form, value)
    key = _key(live, in_force, snapshot)
    # The field has no bounds: Streamlit would silently replace a value out of range by the minimum.
    bounds = (
        "" if form.minimum is None or form.maximum is None else f" From {plain(form.minimum)} to {plain(form.maximum)}."
    )
    if key not in st.session_state:
        st.session_state[key] = value
    st.number_input(
        form.label,
        step=int(step) if whole else float(step),
        format="%d" if whole else "%g",
        key=key,
        help=form.help + bounds,
        disabled=state_word(snapshot) == "failed",
        on_change=_send,
        args=(live, key, value, snapshot),
    )


def _send(live: LiveParameter, key: str, in_force: float, snapshot: Snapshot) -> None:
    value = pressed(live.parameter, in_force, st.session_state[key])
    # An accepted change shows under a new key; after a refused one, the field shows the current value.
    st.session_state[key] = in_force
    change_following_fork(snapshot, training.set_live, live.node, live.parameter.name, value)
