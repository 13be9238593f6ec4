"""Text as Markdown that shows it as it is."""

import re

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&])")


def escape(text: str) -> str:
    """The text with all Markdown syntax (such as images, links, formulas and colours) escaped, on a single line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
