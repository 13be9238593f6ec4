"""Bring a place of the page into view because a link asked for it, and put the focus there.

    Train?run=R&live=NODE.PARAMETER    the field of a live parameter, with the focus
    Train?run=R&show=hints             the list of hints

It happens once: the parameter is dropped from the address, so that a reload takes the focus from nobody.
"""

import re
import time

import streamlit as st

_JS = """
export default function ({ data }) {
  // A rerun of the page draws this again; only a new request counts.
  if (!data.place || window.genscopeFocused === data.request) return;
  let tries = 0;
  let waiting;
  const look = () => {
    const place = document.querySelector(`.st-key-${CSS.escape(data.place)}`);
    const field = place && (data.focus ? place.querySelector("input:not([disabled])") : place);
    if (!field) {
      if (++tries < 100) waiting = setTimeout(look, 100);
      return;
    }
    window.genscopeFocused = data.request;
    if (place.closest('[data-testid="stSidebar"][aria-expanded="false"]'))
      document.querySelector('[data-testid="stExpandSidebarButton"]')?.click();
    place.scrollIntoView({ block: data.focus ? "center" : "start" });
    if (data.focus) {
      field.focus({ preventScroll: true });
      field.select();
    }
  };
  look();
  return () => clearTimeout(waiting);
}
"""
_show = st.components.v2.component("genscope_focusing", js=_JS)


def take_request(parameter: str) -> str:
    """What this parameter of the address asks for, and drop it from the address; "" if nothing."""
    asked = st.query_params.get(parameter, "")
    if asked:
        del st.query_params[parameter]
    return asked


def request_focus(name: str, key: str) -> None:
    """Have `focus_if_requested(name)` bring the element with this Streamlit key into view, once."""
    # Streamlit makes the same class name of a key.
    place = re.sub(r"[^a-zA-Z0-9_-]", "-", key.strip())
    st.session_state[f"focus {name}"] = {"place": place, "request": str(time.time_ns())}


def focus_if_requested(name: str, *, focus: bool) -> None:
    """Draw the component, always at the same place of the page. focus: whether the place's field gets the focus."""
    nothing = {"place": "", "request": ""}
    _show(key=f"focusing {name}", data={**st.session_state.get(f"focus {name}", nothing), "focus": focus})
