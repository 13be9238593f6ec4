"""A sentence that appears in the browser when the server has stopped.

Streamlit keeps the last page on the screen then. The browser asks the server every few seconds whether it answers, but
only while its tab is visible.
"""

import streamlit as st

SECONDS = 5
STOPPED = (
    "The server has stopped. Training ends ten seconds later, with a checkpoint. Start the server again and reload."
)

_HTML = '<p role="alert" hidden></p>'
_CSS = """
p:not([hidden]) {
  margin: 0;
  padding: 0.5rem 0.75rem;
  border: 1px solid var(--st-border-color);
  border-radius: var(--st-base-radius);
  color: var(--st-text-color);
  background: var(--st-background-color);
  font-family: var(--st-font);
  font-size: 0.9rem;
}
"""
_JS = """
export default function ({ data, parentElement }) {
  const sentence = parentElement.querySelector("p");
  sentence.textContent = data.sentence;
  const ask = async () => {
    if (document.hidden) return;
    try {
      sentence.hidden = (await fetch("./_stcore/health", { cache: "no-store" })).ok;
    } catch {
      sentence.hidden = false;
    }
  };
  const asking = setInterval(ask, 1000 * data.seconds);
  document.addEventListener("visibilitychange", ask);
  return () => {
    clearInterval(asking);
    document.removeEventListener("visibilitychange", ask);
  };
}
"""
_watch = st.components.v2.component("genscope_server_watch", html=_HTML, css=_CSS, js=_JS)


def watch_server() -> None:
    """Mount the sentence, hidden; once on every page."""
    _watch(key="server_watch", data={"sentence": STOPPED, "seconds": SECONDS})
