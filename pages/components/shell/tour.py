"""The first tour: a panel in the sidebar that says what to do next, and the offer of it on Home.

This browser remembers under TOUR the number of the step, or that the tour is over.
"""

import streamlit as st

from pages.components.shell.browser import remember, remembered
from pages.components.shell.page_paths import PAGES
from pages.components.shell.state import store, trainer
from pages.components.shell.streamlit_gaps import slot, while_busy
from pipeline.errors.base import GenscopeError
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio.tour import STEPS, TourState, first_values, is_broken

TOUR, OVER = "tour", "over"
POLL_SECONDS = 2.0
SKIP = "End the tour. Help offers it again."
PATHS = {page.title: path for path, page in PAGES.items()}


def begin_tour() -> None:
    """For a callback: show the first step."""
    st.session_state.pop("tour_was_broken", None)
    remember(TOUR, "1")


def end_tour() -> None:
    """For a callback: show the tour no more, and do not offer it again in this browser."""
    remember(TOUR, OVER)


def offer_tour() -> None:
    """Two buttons for a browser in which the tour was neither taken nor declined."""
    if not remembered(TOUR):
        st.button(
            "Take the tour",
            key="take_tour",
            icon=":material/explore:",
            help="Five steps, about five minutes: start, watch, walk one step, break it, mend it.",
            on_click=begin_tour,
        )
        st.button("No thanks", key="no_tour", type="tertiary", help="The tour stays in Help.", on_click=end_tour)


def tour_panel(path: str) -> None:
    """The current step, if this browser is on the tour. path: the open page."""
    if remembered(TOUR).isdecimal():
        st.fragment(_panel, run_every=while_busy(trainer().snapshot, POLL_SECONDS))(path)


def _panel(path: str) -> None:
    if not remembered(TOUR).isdecimal():
        # The tour has just ended, and this poll was under way.
        return
    at = min(max(int(remembered(TOUR)), 1), len(STEPS))
    step = STEPS[at - 1]
    done = step.done(_state())
    with st.container(border=True, gap="small", key="tour"):
        st.markdown(f"**Tour, {at} of {len(STEPS)}: {step.title}**")
        st.markdown(step.task)
        with slot():
            if PATHS[step.page] != path:
                st.page_link(PATHS[step.page], label=f"Go to {step.page}", icon=":material/arrow_forward:")
        st.caption("Done. Go on when you like." if done else "Not done yet.")
        with st.container(horizontal=True, gap="xsmall"):
            last = at == len(STEPS)
            # Not "Back", which is the name of the debugger's button.
            if st.button("Previous", key="tour_previous", disabled=at == 1):
                _go(str(at - 1))
            if st.button("Finish" if last else "Next", key="tour_next"):
                _go(OVER if last else str(at + 1))
            if not last and st.button("Skip", key="tour_skip", type="tertiary", help=SKIP):
                _go(OVER)


def _go(where: str) -> None:
    remember(TOUR, where)
    # The whole page, because the component that writes to the browser's storage is not part of this fragment.
    st.rerun()


def _state() -> TourState:
    snapshot = trainer().snapshot
    workflow_text, forked = _origin(snapshot)
    first = first_values(workflow_text) if workflow_text else {}
    now = TourState(snapshot, first, forked, was_broken=bool(st.session_state.get("tour_was_broken")))
    if is_broken(now):
        # Counts from the next look: what is broken now is not mended now.
        st.session_state.tour_was_broken = True
    return now


def _origin(snapshot: Snapshot) -> tuple[str, bool]:
    """The workflow of the loaded run, and whether it is a fork."""
    try:
        record = store().run(snapshot.run) if snapshot.run else None
    except GenscopeError:
        record = None
    return (record.workflow_text, record.parent is not None) if record else ("", False)
