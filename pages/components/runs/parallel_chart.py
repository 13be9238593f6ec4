"""Parallel coordinates: each run is a line across axes, one for each setting that differs and each result."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import TypeGuard

import altair as alt
import pandas as pd

from pages.components.shell.palette import DASHES, Line
from pages.components.shell.theme import chart_text, theme
from pipeline.formatting import number, shortened
from pipeline.studio.comparison.settings import NONE, Axis

HEIGHT = 340
MOST_AXES = 8
"""Axes that a window of 1,280 pixels has room for, with their titles."""
LONGEST = 16
"""Characters of a line of a title: as many as fit between two of MOST_AXES axes."""
LINE = 14
"""Height of a line of a title in pixels."""
WITHIN = 14
"""Width in pixels around a line in which the pointer reads it."""
Place = Mapping[float | str, float]


def fitting(axes: Sequence[Axis]) -> Sequence[Axis]:
    """The axes that are drawn: if there are too many, the first settings and all results, as far as there is room."""
    results = [axis for axis in axes if axis.unit][:MOST_AXES]
    settings = [axis for axis in axes if not axis.unit][: MOST_AXES - len(results)]
    return [*settings, *results]


def parallel_chart(axes: Sequence[Axis], lines: Sequence[Line]) -> alt.LayerChart:
    """The chart. An axis goes from its lowest value, below, to its highest; texts are in alphabetical order.

    The run under the pointer is named with its value, and the others fade. lines: of the runs, in the order of the
    axes' values.
    """
    titles = axis_titles(axes)
    rows, ticks = [], []
    for title, axis in zip(titles, axes, strict=True):
        places = _places(axis)
        for line, value in zip(lines, axis.values, strict=True):
            if value is not None and value in places:
                told = {"run": line.name, "what": axis.title, "value": _shown(value)}
                rows.append({"axis": title, "place": places[value], **told})
        ticks += [{"axis": title, "place": place, "value": _shown(value)} for value, place in _ends(axis, places)]
    names = [line.name for line in lines]
    heading = alt.Axis(
        labelAngle=0,
        labelLimit=0,
        # Vega hides every second title where two touch, and an axis without a title says nothing.
        labelOverlap=False,
        labelExpr="split(datum.value, '\\n')",
        # The lines of a title grow downwards, towards the chart.
        labelPadding=LINE * (1 + max(title.count("\n") for title in titles)) - 4,
        domain=False,
        ticks=False,
        grid=True,
        orient="top",
    )
    x = alt.X("axis:N", sort=titles, title=None, axis=heading)
    y = alt.Y("place:Q", axis=None, scale=alt.Scale(domain=[-0.08, 1.08]))
    pointed = alt.selection_point(name="pointed", on="pointerover", clear="pointerout", fields=["run"])
    colours, dashes = [line.colour for line in lines], [DASHES[line.dash] for line in lines]
    legend = alt.Legend(
        title=None, orient="bottom", labelLimit=260, symbolType="stroke", symbolStrokeWidth=3, symbolSize=300
    )
    tips = [
        alt.Tooltip("run:N", title="Run"),
        alt.Tooltip("what:N", title="Axis"),
        alt.Tooltip("value:N", title="Value"),
    ]
    every = alt.Chart(pd.DataFrame(rows)).encode(x=x, y=y, detail="run:N", tooltip=tips)
    seen = alt.when(pointed).then(alt.value(1)).otherwise(alt.value(0.15))
    coloured = every.encode(
        color=alt.Color("run:N", scale=alt.Scale(domain=names, range=colours), legend=legend), opacity=seen
    )
    dash = alt.StrokeDash("run:N", scale=alt.Scale(domain=names, range=dashes), legend=legend)
    drawn = coloured.encode(strokeDash=dash).mark_line(strokeWidth=2)
    points = coloured.mark_circle(size=60)
    # Seen by the pointer only: a line of two pixels is hard to hit.
    reached = every.mark_line(strokeWidth=WITHIN, opacity=0.001).add_params(pointed)
    # Above and below the ends, where no line runs through them.
    texts = [
        alt.Chart(pd.DataFrame(ticks))
        .transform_filter(f"datum.place {side} 0.5")
        .mark_text(align="left", dx=6, dy=dy, fontSize=12, limit=110, color=theme().ink)
        .encode(x=x, y=y, text="value:N")
        for side, dy in ((">=", -10), ("<", 12))
    ]
    chart: alt.LayerChart = alt.layer(drawn, points, reached, *texts).configure(**chart_text())
    return chart


def chart_words(axes: Sequence[Axis], lines: Sequence[Line]) -> str:
    """The chart for screen readers: the values of every run."""
    told = [
        f"{line.name}: " + ", ".join(f"{axis.title} {_shown(axis.values[place])}" for axis in axes)
        for place, line in enumerate(lines)
    ]
    return f"{len(lines)} runs across {len(axes)} axes. {'; '.join(told)}"


def axis_titles(axes: Sequence[Axis]) -> list[str]:
    """The title above each axis, in lines that are not too long. Where several axes would have the same, and so be
    drawn as one, it is whole."""
    short = ["\n".join(_wrapped(line) for line in _title(axis)) for axis in axes]
    counts = Counter(short)
    return [title if counts[title] == 1 else "\n".join(_title(axis)) for axis, title in zip(axes, short, strict=True)]


def _title(axis: Axis) -> list[str]:
    """The lines above an axis: a setting's node and name; a result's name and unit."""
    name, dot, what = axis.title.partition(" · ")
    parts = [name, what] if dot else [axis.title.replace(" (", "\n(", 1) if len(axis.title) > LONGEST else axis.title]
    if axis.unit and axis.unit.lower() not in axis.title.lower():
        parts.append(axis.unit)
    return [line for part in parts for line in part.split("\n")]


def _wrapped(part: str) -> str:
    """A part of a title in lines of at most LONGEST characters: two at most, of which the last may be cut."""
    lines = wrap(part, LONGEST, break_long_words=False)
    kept = lines if len(lines) <= 2 else [lines[0], " ".join(lines[1:])]
    return "\n".join(shortened(line, LONGEST) for line in kept)


def _places(axis: Axis) -> Place:
    """Where each value stands on its axis, 0 to 1; texts stand at equal distances in alphabetical order. Values that
    are not finite have no place."""
    known = sorted({value for value in axis.values if isinstance(value, str) or _finite(value)}, key=_key)
    if axis.numeric and len(known) > 1:
        low, high = float(known[0]), float(known[-1])
        return {value: (float(value) - low) / (high - low) for value in known}
    return {value: (place / (len(known) - 1) if len(known) > 1 else 0.5) for place, value in enumerate(known)}


def _finite(value: float | None) -> TypeGuard[float]:
    return value is not None and math.isfinite(value)


def _ends(axis: Axis, places: Place) -> list[tuple[float | str, float]]:
    """What is written beside an axis: its ends, or all texts."""
    every = list(places.items())
    return [every[0], every[-1]] if axis.numeric and len(every) > 1 else every


def _key(value: float | str) -> tuple[bool, float, str]:
    return (True, 0.0, value) if isinstance(value, str) else (False, value, "")


def _shown(value: float | str | None) -> str:
    if value is None:
        return NONE
    return value if isinstance(value, str) else number(value)
