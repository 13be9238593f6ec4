"""What this browser tells the server: the width of its window, and what it remembers between visits.

Streamlit knows no viewport, and reads cookies but cannot write them. So one small component, mounted on every page,
reports the layout that fits the window and the values in the browser's local storage. It reports only what differs
from what the server assumes, because every report reruns the page: a window of 1280 pixels without memories reports
nothing. It also keeps the layout in a cookie, so that the next visit is drawn for this window at once, and reruns the
page when the system's theme changes: Streamlit then changes its own colours only, not those of our graphs and charts.
"""

from typing import Literal, TypeAlias, get_args

import streamlit as st

Layout: TypeAlias = Literal["narrow", "normal", "wide"]
"""How much fits side by side: `narrow` below 1,180 pixels of window width, `wide` from 1,600 on."""
LAYOUTS: tuple[Layout, ...] = get_args(Layout)

KEY = "this_browser"
PREFIX = "genscope."
LAYOUT_COOKIE = "genscope_layout"

_JS = """
const layoutOf = (width) => (width < 1180 ? "narrow" : width < 1600 ? "normal" : "wide");

export default function ({ data, setStateValue, setTriggerValue }) {
  for (const [name, value] of Object.entries(data.remember)) {
    if (value === "") localStorage.removeItem(data.prefix + name);
    else localStorage.setItem(data.prefix + name, value);
  }
  let told = JSON.stringify(data.known);
  const tell = () => {
    const memories = {};
    for (let at = 0; at < localStorage.length; at++) {
      const name = localStorage.key(at);
      if (name.startsWith(data.prefix)) memories[name.slice(data.prefix.length)] = localStorage.getItem(name);
    }
    const sorted = Object.fromEntries(Object.entries(memories).sort());
    const news = { layout: layoutOf(window.innerWidth), memories: sorted };
    document.cookie = `${data.cookie}=${news.layout}; path=/; max-age=31536000; SameSite=Strict`;
    if (JSON.stringify(news) !== told) {
      told = JSON.stringify(news);
      setStateValue("told", news);
    }
  };
  let waiting;
  const later = () => {
    clearTimeout(waiting);
    waiting = setTimeout(tell, 300);
  };
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  let repainting;
  // The theme of the last report outlives this function, which runs again when the page is drawn again.
  window.genscopeDark ??= scheme.matches;
  const repaint = () => {
    clearTimeout(repainting);
    if (scheme.matches === window.genscopeDark) return;
    // A moment later, because the rerun tells the server which theme Streamlit shows.
    repainting = setTimeout(() => {
      window.genscopeDark = scheme.matches;
      setTriggerValue("scheme", scheme.matches ? "dark" : "light");
    }, 300);
  };
  tell();
  repaint();
  window.addEventListener("resize", later);
  scheme.addEventListener("change", repaint);
  return () => {
    clearTimeout(waiting);
    clearTimeout(repainting);
    window.removeEventListener("resize", later);
    scheme.removeEventListener("change", repaint);
  };
}
"""
_listen = st.components.v2.component("genscope_browser", js=_JS)


def listen_to_browser() -> None:
    """Mount the component; once on every page, before `layout` or `remembered` matter."""
    st.session_state.setdefault("browser_memories", {})
    _listen(
        key=KEY,
        data={
            "prefix": PREFIX,
            "cookie": LAYOUT_COOKIE,
            "remember": st.session_state.get("browser_remembers", {}),
            "known": {"layout": layout(), "memories": dict(sorted(st.session_state.browser_memories.items()))},
        },
        on_told_change=_take,
        on_scheme_change=lambda: None,
    )


def layout() -> Layout:
    """The layout that fits this browser's window. Until it has reported: that of its last visit or, on the first one,
    `normal`, that of 1280 pixels."""
    known = st.session_state.get("browser_layout") or st.context.cookies.get(LAYOUT_COOKIE)
    return next((each for each in LAYOUTS if each == known), "normal")


def remembered(name: str) -> str:
    """What this browser remembers under this name; "" if nothing, or until it has reported."""
    return str(st.session_state.get("browser_memories", {}).get(name, ""))


def remember(name: str, value: str) -> None:
    """Have this browser remember a text of at most 200 characters, in its local storage; "" forgets it."""
    value = value[:200]
    st.session_state.browser_remembers = {**st.session_state.get("browser_remembers", {}), name: value}
    kept = {**st.session_state.get("browser_memories", {}), name: value}
    st.session_state.browser_memories = {each: text for each, text in kept.items() if text}


def _take() -> None:
    told = st.session_state[KEY].told or {}
    if told.get("layout") in LAYOUTS:
        st.session_state.browser_layout = told["layout"]
    memories = told.get("memories")
    if isinstance(memories, dict):
        # What the server was just asked to remember may not have reached the browser's report yet.
        kept = {str(name)[:40]: str(value)[:200] for name, value in list(memories.items())[:40]}
        kept |= st.session_state.get("browser_remembers", {})
        st.session_state.browser_memories = {name: text for name, text in kept.items() if text}
