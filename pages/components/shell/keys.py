"""Keys that press a page's buttons.

Streamlit's own `shortcut` also fires while a user types into a field, takes neither punctuation nor C nor R, and
hears nothing while the graph's frame has the focus. So a small component listens instead. It ignores everything typed
into fields, menus and dialogs, and gives the focus back to the page after a click into a frame.
"""

from collections.abc import Mapping
from typing import NamedTuple

import streamlit as st

from pages.components.shell.page_paths import GENERATE, HOME, INSPECT, TRAIN, WORKFLOW


class Key(NamedTuple):
    """A key with what it does. combination: lower case, modifiers first in the order ctrl, alt, shift, such as
    `alt+z`. button: the `key` of the Streamlit button, popover or link that it presses; nothing happens while that is
    missing or disabled."""

    combination: str
    button: str
    does: str


EVERYWHERE = (Key("h", "help", "Help: all keys of this page"),)
RUN_KEYS = (
    Key("s", "step", "Train one step"),
    Key("b", "back_menu", "Open the menu of Back"),
)
KEYS: Mapping[str, tuple[Key, ...]] = {
    HOME: EVERYWHERE,
    WORKFLOW: (
        *EVERYWHERE,
        Key("a", "add_node", "Add a node"),
        Key("alt+z", "undo", "Undo"),
        Key("alt+y", "redo", "Redo"),
        Key("c", "connect", "Connect the selected node: then click the other one"),
        Key("escape", "cancel_connecting", "Stop connecting"),
        Key("ctrl+d", "duplicate", "Duplicate the selected node"),
        Key("ctrl+c", "copy", "Copy the selected node, if no text is selected"),
        Key("ctrl+v", "paste", "Paste the copied node"),
        Key("delete", "remove_node", "Remove the selected node"),
        Key("ctrl+enter", "start_run", "Start the run"),
    ),
    TRAIN: (*EVERYWHERE, *RUN_KEYS),
    INSPECT: (*EVERYWHERE, *RUN_KEYS, Key("n", "next_stage", "Run the next stage of the step")),
    GENERATE: EVERYWHERE,
}
"""The keys of each page, by its path; other pages have those of EVERYWHERE. The help lists the same table."""

_JS = """
const modifiers = (event) =>
  [event.ctrlKey && "ctrl", event.altKey && "alt", event.shiftKey && "shift"].filter(Boolean);

const nameOf = (event) => {
  // With Alt, some keyboards type another letter; the code still says which key it is.
  const letter = /^Key([A-Z])$/.exec(event.code);
  return [...modifiers(event), event.altKey && letter ? letter[1].toLowerCase() : event.key.toLowerCase()].join("+");
};

const FIELDS =
  "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], [role=combobox], [role=listbox], " +
  "[role=menu]";
const writing = (event) => event.composedPath().some((each) => each instanceof Element && each.matches(FIELDS));

export default function ({ data }) {
  const press = (event) => {
    const name = data.keys[nameOf(event)];
    if (!name || event.repeat || event.metaKey || event.isComposing || writing(event)) return;
    if (document.querySelector("[role=dialog]")) return;
    // The browser's own copy comes first.
    if (name === "copy" && String(window.getSelection())) return;
    const pressed = document.querySelector(`.st-key-${CSS.escape(name)} :is(button, a[href])`);
    if (!pressed || pressed.disabled) return;
    event.preventDefault();
    pressed.click();
  };
  // A click into a frame takes the focus there, out of hearing. A user who tabs into it keeps it: that moves the focus
  // at the end of the key's own event. So does a screen reader: its frame is not under the pointer.
  let tabbing = false;
  const tabs = (event) => {
    tabbing = event.key === "Tab";
    setTimeout(() => { tabbing = false; });
  };
  const recover = () => {
    if (tabbing) return;
    const look = () => {
      const frame = document.activeElement;
      if (!(frame instanceof HTMLIFrameElement && frame.matches(":hover"))) return;
      frame.blur();
      window.focus();
    };
    // While a page is redrawn, its browser knows late what is under the pointer.
    [0, 100, 500].forEach((milliseconds) => setTimeout(look, milliseconds));
  };
  document.addEventListener("keydown", press);
  document.addEventListener("keydown", tabs, true);
  window.addEventListener("blur", recover);
  return () => {
    document.removeEventListener("keydown", press);
    document.removeEventListener("keydown", tabs, true);
    window.removeEventListener("blur", recover);
  };
}
"""
_listen = st.components.v2.component("genscope_keys", js=_JS)


def listen_for_keys(page: str) -> None:
    """Have this page's keys press its buttons; once on every page."""
    keys = KEYS.get(page, EVERYWHERE)
    _listen(key=f"keys of {page}", data={"keys": {key.combination: key.button for key in keys}})
