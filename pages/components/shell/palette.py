"""What the colours and dashes look like that declarations of roles, categories and series name.

A palette that people with a colour vision deficiency can tell apart (Okabe & Ito); a line also has a dash of its own.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from pipeline.colours import Colour, Dash
from pipeline.runs.series import Series

COLOURS: Mapping[Colour, str] = {
    "green": "#009E73",
    "purple": "#CC79A7",
    "blue": "#0072B2",
    "orange": "#D55E00",
    "brown": "#8C6D1F",
    "slate": "#4A5568",
    "grey": "#7A7A7A",
    "amber": "#E69F00",
    "sky": "#56B4E9",
}
NEUTRAL = COLOURS["grey"]

DASHES: Mapping[Dash, list[int]] = {
    # Pixels drawn and left out in turn.
    "solid": [1, 0],
    "dashed": [6, 3],
    "dotted": [2, 2],
    "dash-dot": [8, 3, 2, 3],
}


class Line(NamedTuple):
    """A line of a chart: its name in the legend, and how it is drawn."""

    name: str
    colour: str
    dash: Dash


def lines_of(series: Iterable[Series]) -> tuple[Line, ...]:
    """The lines of one chart, each with the dash that it declares: of two that declare the same one, the second gets
    one that is free, while there is any."""
    series = tuple(series)
    taken: set[Dash] = set()
    free = [dash for dash in DASHES if dash not in {each.dash for each in series}]
    lines = []
    for each in series:
        dash = free.pop(0) if each.dash in taken and free else each.dash
        taken.add(dash)
        lines.append(Line(each.name, COLOURS[each.colour], dash))
    return tuple(lines)


def plain_line(name: str) -> Line:
    """A line that nothing declares: what somebody watches."""
    return Line(name, NEUTRAL, "solid")
