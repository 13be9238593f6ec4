"""Why training stands where it stands: what stopped it, and that it has gone back to a step it had been at before."""

import streamlit as st

from pages.components.going_back import back_buttons
from pages.components.notices import carry_out
from pages.components.plain import plain
from pages.components.readiness import hindrance
from pages.components.state import trainer, who
from pipeline.runtime.messages import Snapshot
from pipeline.studio import debugging


def stops(seen: Snapshot) -> None:
    """The last stop in its sentence, and from the past the way forward."""
    if seen.stop_kind == "not finite":
        st.error(plain(seen.stopped), icon=":material/error:")
        back_buttons(seen)
    elif seen.stop_kind == "mistake":
        st.warning(plain(seen.stopped), icon=":material/warning:")
    elif seen.stop_kind:
        st.info(plain(seen.stopped), icon=":material/pause_circle:")
    if seen.step < seen.head:
        _past(seen)


def _past(seen: Snapshot) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f"At step {seen.step:,} of the {seen.head:,} that this run has come to. A change from here makes a fork.",
            width="content",
        )
        st.button(
            f"Forward to step {seen.head:,}",
            key="forward",
            icon=":material/redo:",
            help="A replay: the same weights again, and nothing new is recorded. Run does the same and goes on.",
            disabled=bool(hindrance(seen)),
            on_click=carry_out,
            args=(debugging.run_to, trainer(), seen, who(), seen.head),
        )
