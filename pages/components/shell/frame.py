"""What all pages share: browser title, wide layout, and the name under which this browser's commands are recorded."""

import streamlit as st

from pages.components.shell.build_progress import show_preparing
from pages.components.shell.starting import start_if_requested
from pages.components.shell.state import store, trainer
from pages.components.shell.streamlit_gaps import escape, slot, switch_if_requested
from pipeline.errors.base import GenscopeError

# Streamlit reads cookies but cannot write them, so the name is kept in the browser's local storage.
_REMEMBER = """
export default function ({ data, setTriggerValue }) {
  if (data.name) {
    localStorage.setItem("genscope.who", data.name);
  } else if (!data.asked) {
    setTriggerValue("remembered", localStorage.getItem("genscope.who") || "");
  }
}
"""
_remember = st.components.v2.component("genscope_name", js=_REMEMBER)


def open_page(title: str, icon: str) -> None:
    """Begin a page. Call it before drawing anything else."""
    st.set_page_config(page_title=f"{title} · Genscope", page_icon=icon, layout="wide")
    with st.sidebar:
        st.text_input(
            "Your name",
            key="who",
            persist_state="session",
            max_chars=40,
            placeholder="optional",
            help="Shown next to your commands in the run's events. Remembered in this browser only.",
        )
        _remember(
            key="remember_who",
            data={"name": st.session_state.who, "asked": st.session_state.get("who_asked", False)},
            on_remembered_change=_take_remembered,
        )

    try:
        store(), trainer()
    except GenscopeError as error:
        # Without a writable home and a database that answers, no page can work.
        st.error(escape(str(error)), icon=":material/error:")
        st.stop()
    switch_if_requested()
    start_if_requested()
    with slot():
        show_preparing()


def _take_remembered() -> None:
    st.session_state.who_asked = True
    if remembered := st.session_state.remember_who.remembered:
        st.session_state.who = str(remembered)[:40]
