"""Parsers for option values that are whole numbers or picture sizes, with bounds and clear error messages."""

from argparse import ArgumentTypeError
from collections.abc import Callable

from pipeline.formatting import shortened

LONGEST_NUMBER = 20
"""Digits of the largest seed, and its sign."""


def integer(text: str) -> int:
    """Parse a whole number, whose bounds are checked later."""
    if len(text.strip()) > LONGEST_NUMBER:
        raise ArgumentTypeError(f"{shortened(text.strip(), 20)!r} is too long for a number")
    try:
        return int(text)
    except ValueError:
        raise ArgumentTypeError(f"{text[:40]!r} is not a whole number") from None


def whole_number(lowest: int, highest: int) -> Callable[[str], int]:
    """Return a parser for whole numbers from `lowest` to `highest`, both included."""

    def read(text: str) -> int:
        number = integer(text)
        if not lowest <= number <= highest:
            raise ArgumentTypeError(f"{text[:40]} is not between {lowest:,} and {highest:,}")
        return number

    return read


LARGEST_SIDE = 10_000


def picture_size(text: str) -> tuple[int, int]:
    """Parse "480x640" into (height, width), each from 1 to LARGEST_SIDE."""
    height, cross, width = text.lower().partition("x")
    if not cross:
        raise ArgumentTypeError(f"{text[:40]!r} is not of the form HEIGHTxWIDTH, such as 480x640")
    side = whole_number(1, LARGEST_SIDE)
    return side(height), side(width)
