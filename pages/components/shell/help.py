"""The help: the keys of the open page, what each page is for, the first tour, and the README."""

import streamlit as st

from pages.components.shell.keys import EVERYWHERE, KEYS
from pages.components.shell.page_paths import PAGES
from pages.components.shell.tour import begin_tour
from pipeline.studio import manual

HEIGHT = 320
OPEN = "help_on"
"""Session state: the path of the page on which the help is open."""


def help_button(path: str) -> None:
    """The button, which the key H presses too. path: the open page."""
    st.button(
        "Help",
        key="help",
        icon=":material/help:",
        help="Keys, pages, the tour and the manual (key H)",
        on_click=_open,
        args=(path,),
    )


def show_help(path: str) -> None:
    """The dialog, if it was opened on this page and not closed since. Streamlit allows one dialog at a time, so a
    question to the user goes first."""
    if st.session_state.get(OPEN) != path:
        _close()
    elif "question" not in st.session_state:
        st.dialog("Help", width="medium", on_dismiss=_close)(_draw)(path)


def _open(path: str) -> None:
    st.session_state[OPEN] = path


def _close() -> None:
    st.session_state.pop(OPEN, None)


def _draw(path: str) -> None:
    st.markdown("**Keys of this page**")
    rows = [f"| `{_named(key.combination)}` | {key.does} |" for key in KEYS.get(path, EVERYWHERE)]
    st.markdown("\n".join(["| Key | What it does |", "|---|---|", *rows]))
    st.markdown("**Pages**")
    with st.container(gap="xsmall"):
        for target, page in PAGES.items():
            st.page_link(target, label=f"**{page.title}:** {page.purpose}", icon=page.icon)
    st.markdown("**First steps**")
    if st.button("Take the tour", key="tour_again", icon=":material/explore:"):
        begin_tour()
        _close()
        st.rerun()
    if sections := manual.sections():
        title = st.selectbox(
            "Read in the manual", list(sections), index=None, key="manual", placeholder="Choose a section of the README"
        )
        if title:
            with st.container(height=HEIGHT, border=True):
                st.markdown(sections[title])


def _named(combination: str) -> str:
    return "+".join(part.capitalize() for part in combination.split("+"))
