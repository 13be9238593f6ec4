"""Escape text from users and files for Markdown."""

import re

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&])")


def plain(text: str) -> str:
    """The text with all Markdown syntax (such as images, links, formulas and colours) escaped, on a single line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
