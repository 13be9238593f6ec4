"""Whole numbers as options take them: within bounds, or refused with a sentence."""

from argparse import ArgumentTypeError
from collections.abc import Callable


def whole_number(lowest: int, highest: int) -> Callable[[str], int]:
    """A reader of option values that takes lowest to highest."""

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise ArgumentTypeError(f"{text[:40]!r} is not a whole number") from None
        if not lowest <= number <= highest:
            raise ArgumentTypeError(f"{text[:40]} is not between {lowest:,} and {highest:,}")
        return number

    return read
