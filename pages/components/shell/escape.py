"""Words of a user, or of a file from outside, inside the Markdown of a page."""

import re

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&])")


def plain(text: str) -> str:
    """The text with everything escaped that Markdown would take for a picture, a link, a formula or a colour."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
