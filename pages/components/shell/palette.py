"""The hex colours and dash patterns behind the names that roles, categories and series declare.

The palette is distinguishable with a colour vision deficiency (after Okabe & Ito), and lines also differ in their
dashes. Every colour has a contrast of at least 3:1 to the light page and to the dark one, so that a chart's
specification is the same in both themes; `theme.py` has what differs.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from pipeline.colours import Colour, Dash
from pipeline.runs.series import Series

COLOURS: Mapping[Colour, str] = {
    "green": "#009E73",
    "purple": "#CC79A7",
    "blue": "#0072B2",
    "orange": "#D55E00",
    "brown": "#8C6D1F",
    "slate": "#64718A",
    "grey": "#7A7A7A",
    "amber": "#BF7E00",
    "sky": "#3893CB",
}
NEUTRAL = COLOURS["grey"]
EARLIER = "#8F8F8F"
"""The history that a fork shares with its parent."""
ERROR, WIRE = "#D9263A", "#808A98"
"""Of the graph: the border of a node with a problem, and links between nodes."""
CHANNEL_COLOURS = {"grey": COLOURS["green"], "red": "#C0392B", "green": "#3F8F2F", "blue": "#4C86E0"}
"""Of histograms of the channels of real images."""
CLASS_COLOURS = (
    COLOURS["blue"],
    COLOURS["orange"],
    COLOURS["green"],
    "#B5508C",
    COLOURS["brown"],
    NEUTRAL,
    "#6A6FD8",
    CHANNEL_COLOURS["red"],
    "#5B8C2A",
    "#2F8FA3",
)
"""An eleventh class reuses the first."""

DASHES: Mapping[Dash, list[int]] = {
    # Alternating lengths of dashes and gaps in pixels.
    "solid": [1, 0],
    "dashed": [6, 3],
    "dotted": [2, 2],
    "dash-dot": [8, 3, 2, 3],
}


class Line(NamedTuple):
    """A line of a chart: its name in the legend, and how it is drawn. measured: as points, joined by a thin line."""

    name: str
    colour: str
    dash: Dash
    measured: bool = False


def lines_of(series: Iterable[Series], measured: Collection[str] = ()) -> tuple[Line, ...]:
    """The lines of one chart, with the dashes that their series declare. If two declare the same dash, the second gets
    a free one, as long as there is one. measured: names of the series with a value at some steps only."""
    series = tuple(series)
    taken: set[Dash] = set()
    free = [dash for dash in DASHES if dash not in {each.dash for each in series}]
    lines = []
    for each in series:
        dash = free.pop(0) if each.dash in taken and free else each.dash
        taken.add(dash)
        lines.append(Line(each.name, COLOURS[each.colour], dash, each.name in measured))
    return tuple(lines)


def plain_line(name: str) -> Line:
    """A line for a watch, which has no declared colour or dash."""
    return Line(name, NEUTRAL, "solid")
