"""The order of the runs that wait in the queue: pure functions from one order to another."""

from collections.abc import Sequence
from typing import Literal

Target = Literal["up", "down", "first", "last"] | int
"""Where an entry is moved to: by one place, to an end, or to a place counted from 1."""


def moved(waiting: Sequence[str], entry: str, target: Target) -> list[str]:
    """The waiting entries after `entry`, one of them, was moved; a place beyond an end means that end."""
    place = waiting.index(entry)
    others = [each for each in waiting if each != entry]
    match target:
        case "up":
            to = place - 1
        case "down":
            to = place + 1
        case "first":
            to = 0
        case "last":
            to = len(others)
        case _:
            to = target - 1
    to = min(max(0, to), len(others))
    return [*others[:to], entry, *others[to:]]


def moved_before(waiting: Sequence[str], entry: str, other: str) -> list[str]:
    """The waiting entries after `entry` was moved to the place before `other`; both are among them."""
    if entry == other:
        return list(waiting)
    others = [each for each in waiting if each != entry]
    to = others.index(other)
    return [*others[:to], entry, *others[to:]]
