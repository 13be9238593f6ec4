"""What all pages share: browser title, wide layout, and the name under which this browser's commands are recorded."""

from pathlib import Path

import streamlit as st

from pages.components.shell.browser import listen_to_browser, remember, remembered
from pages.components.shell.build_progress import show_preparing
from pages.components.shell.help import help_button, show_help
from pages.components.shell.home_trouble import stop_while_unusable
from pages.components.shell.keys import listen_for_keys
from pages.components.shell.page_paths import DATA, HOME, PAGES, RUNS
from pages.components.shell.poll_spacing import space_polls
from pages.components.shell.server_watch import watch_server
from pages.components.shell.shown_run import carry_run
from pages.components.shell.starting import start_if_requested
from pages.components.shell.state import user_name
from pages.components.shell.streamlit_gaps import slot, switch_if_requested
from pages.components.shell.tour import tour_panel
from pages.components.shell.whole_callbacks import finish_callbacks

LONGEST_NAME = 40
CARRYING = {HOME: "", RUNS: "Runs", DATA: "Data"}
"""Pages that show no run but keep that of the page before, with their names in the URL. Workflow is none of them: a run
in its URL is opened as a draft."""
ICON = str(Path(__file__).with_name("icon.svg"))
"""The browser tab's picture. Streamlit puts it into the page; it would fetch a Material icon from a font host."""


def open_page(path: str) -> None:
    """Begin the page of this path. Call it before drawing anything else."""
    page = PAGES[path]
    finish_callbacks()
    space_polls()
    st.set_page_config(page_title=f"{page.title} · Genscope", page_icon=ICON, layout="wide")
    _recall_name()
    with st.sidebar:
        tour = slot()
        with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
            st.text_input(
                "Your name",
                key="who",
                persist_state="session",
                max_chars=LONGEST_NAME,
                placeholder="optional",
                help="Shown next to your commands in the run's events. Remembered in this browser only.",
                on_change=_remember_name,
            )
            help_button(path)
        # They draw nothing as long as all is well; in a container, they leave one gap instead of three.
        with st.container(gap=None):
            watch_server()
            listen_to_browser()
            listen_for_keys(path)

    stop_while_unusable()
    if path in CARRYING:
        carry_run(CARRYING[path])
    switch_if_requested()
    start_if_requested()
    with slot():
        show_preparing()
    # After what may leave the page, because the panel polls.
    with tour:
        tour_panel(path)
    show_help(path)


def _recall_name() -> None:
    """Fill the field with the name that this browser remembers, once, as soon as it has told it."""
    if not st.session_state.get("who_recalled") and (name := remembered("who")):
        st.session_state.who_recalled = True
        if not user_name():
            st.session_state.who = name[:LONGEST_NAME]


def _remember_name() -> None:
    st.session_state.who_recalled = True
    remember("who", user_name())
