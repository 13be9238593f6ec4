"""Text as Markdown that shows it as it is."""

import re

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&])")
_ICON = re.compile(r":(?=(?!\d+:)[\w+\-/]+:)")
"""Streamlit finds the names of icons and emoji after Markdown's escapes are gone. A time of day is none."""
_NOTHING = "\u2060"
"""WORD JOINER: has no width and breaks no line."""


def escape(text: str) -> str:
    """The text with all Markdown syntax (such as images, links, formulas and colours) escaped, on a single line; icons
    and emoji stay the words that name them."""
    return _SPECIAL.sub(r"\\\1", _ICON.sub(f":{_NOTHING}", " ".join(text.split())))
