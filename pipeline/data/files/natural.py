"""The order of names: numbers inside them in numeric order, and each name in one Unicode form."""

import re
import unicodedata
from collections.abc import Iterable

NaturalKey = tuple[str | tuple[int, str], ...]
NUMBER = re.compile(r"([0-9]+)")


def one_form(name: str) -> str:
    """The name in Unicode's composed form (NFC): an "é" typed in one way or the other is the same name."""
    return name if name.isascii() else unicodedata.normalize("NFC", name)


def natural(name: str) -> NaturalKey:
    """Sort key of a name without `/`: img2 before img10. Text and numbers alternate, so that keys are comparable."""
    parts = NUMBER.split(one_form(name))
    # Numbers are compared by length, then by digits: a name may have more digits than Python converts to a number.
    return tuple(_number(part) if place % 2 else part for place, part in enumerate(parts))


def in_order(names: Iterable[str]) -> list[str]:
    """Names with `/` between their parts, sorted part by part; independent of the order in which they come."""
    known: dict[str, NaturalKey] = {}

    def key(name: str) -> tuple[tuple[NaturalKey, ...], str]:
        parts = name.split("/")
        for part in parts:
            if part not in known:
                known[part] = natural(part)
        return tuple(known[part] for part in parts), name

    return sorted(names, key=key)


def _number(digits: str) -> tuple[int, str]:
    plain = digits.lstrip("0")
    return len(plain), plain
