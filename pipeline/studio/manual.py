"""The README's sections, for reading on a page: without pictures and without links to files."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pipeline

README = Path(pipeline.__file__).parent.parent / "README.md"

_SECTION = re.compile(r"^## (.+)$", re.MULTILINE)
_PICTURE = re.compile(r"!\[[^\]]*\]\([^)]*\)\n?")
_FILE_LINK = re.compile(r"\[([^\]]*)\]\((?!https?:)[^)]*\)")


@cache
def sections() -> Mapping[str, str]:
    """Markdown by heading, in the README's order; nothing if the README was not installed."""
    if not README.is_file():
        return {}
    _, *parts = _SECTION.split(README.read_text(encoding="utf-8"))
    return {title: _readable(text) for title, text in zip(parts[::2], parts[1::2], strict=True)}


def _readable(text: str) -> str:
    return _FILE_LINK.sub(r"\1", _PICTURE.sub("", text)).strip()
