"""Vega-Lite specifications of the training charts, without data. Each is built once and cached.

Altair takes about a tenth of a second to build one, under a lock that all browsers share, and any difference in a
specification makes the browser mount the chart again. So counts and names of runs are in captions instead.
"""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import altair as alt
import streamlit as st

from pages.components.shell.palette import COLOURS, DASHES, EARLIER, NEUTRAL, Line
from pipeline.studio.charts.chart_annotations import HERE, MARKED
from pipeline.studio.charts.curves import XAxis

HEIGHT = 300
LONGEST_LEGEND = 45
"""Total number of characters of line names that fit in one row above a chart on a small screen."""
THIN, DOT, MOST_DOTS = 1.2, 22, 150
"""Of measurements: the width of the line that joins the points, the area of a point, and the maximum number of points
of one series that are drawn as such."""
POINTS, BEFORE, MARKS = "points", "before", "marks"
BEFORE_WORDS = "before the fork"
X_TITLES: dict[XAxis, str] = {"step": "Step", "epoch": "Epoch", "time": "Training time (s)"}
CHANGE, OTHER = COLOURS["orange"], NEUTRAL
SIGNS: dict[str, tuple[str, list[int], str, float]] = {
    # Kind of mark: colour and dash of its rule, the sign at its top, and the rule's width.
    MARKED["parameter changed"]: (CHANGE, [2, 3], "diamond", 1.5),
    MARKED["updated"]: (OTHER, [1, 4], "circle", 1.5),
    MARKED["forked"]: (OTHER, [8, 3], "triangle-down", 1.5),
    MARKED["went back"]: (OTHER, [8, 3, 2, 3], "triangle-left", 1.5),
    MARKED["stopped"]: (CHANGE, [5, 2], "square", 1.5),
    HERE: (OTHER, [1, 0], "triangle-up", 2.5),
}


class _Facts(NamedTuple):
    """The arguments of `specification`."""

    title: str
    unit: str
    lines: tuple[Line, ...]
    x: XAxis
    log: bool
    forked: bool
    condition: bool


@st.cache_data(show_spinner=False, max_entries=300)
def specification(
    title: str,
    unit: str,
    lines: tuple[Line, ...],
    x: XAxis,
    log: bool,
    *,
    forked: bool = False,
    condition: bool = False,
) -> dict[str, Any]:
    """One chart: lines with bands from low to high, grey lines for the time before a fork, and marks of events.

    unit: unit of the values, in words; unused for a condition, whose values are true (1) and false (0). forked: whether
    the chart has BEFORE data.
    """
    facts = _Facts(title, "condition" if condition else unit, lines, x, log, forked, condition)
    layers = _lines(POINTS, facts)
    if forked:
        layers = [*_lines(BEFORE, facts), *layers]
    return {
        "$schema": alt.SCHEMA_URL,
        "title": alt.TitleParams(title, offset=4, limit=440).to_dict(),
        "height": HEIGHT,
        "layer": [*_written(*layers), *_marks(x)],
    }


def _written(*layers: alt.Chart) -> list[dict[str, Any]]:
    """The layers as dictionaries, each with its own data; in a layered chart, Altair would move shared data to the top
    level."""
    written = [layer.to_dict(validate=False) for layer in layers]
    # Altair writes a size into `config`; the page sets the size.
    return [{name: value for name, value in layer.items() if name not in ("$schema", "config")} for layer in written]


def _over(x: XAxis) -> alt.X:
    below = alt.Axis(format=",~r", tickCount=5, grid=False, titlePadding=2, labelPadding=4)
    return alt.X("x:Q", title=X_TITLES[x], axis=below)


def _lines(data: str, chart: _Facts) -> list[alt.Chart]:
    """The band, the lines, the points of what is measured at some steps only, and invisible points with tooltips. Grey
    lines differ in their dashes only."""
    scale, axis = alt.Scale(zero=False), alt.Axis(format=",~r", tickCount=5)
    if chart.condition:
        scale, axis = alt.Scale(domain=[0, 1]), alt.Axis(values=[0, 1], labelExpr="datum.value ? 'true' : 'false'")
    elif chart.log:
        scale = alt.Scale(type="symlog", constant=0.01)
    y = alt.Y("value:Q", title=chart.unit, scale=scale, axis=axis)
    low = alt.Y("low:Q", title=chart.unit, scale=scale, axis=axis)
    colour, dash = _colour(data, chart), _dash(chart.lines)
    tips = [
        alt.Tooltip("x:Q", title=X_TITLES[chart.x], format=",.4~r"),
        alt.Tooltip("metric:N", title="Metric" if data == POINTS else f"Metric, {BEFORE_WORDS}"),
        alt.Tooltip("value:Q", title="Value", format=".4~r"),
        alt.Tooltip("low:Q", title="Lowest", format=".4~r"),
        alt.Tooltip("high:Q", title="Highest", format=".4~r"),
    ]
    shape: Literal["step-after", "linear"] = "step-after" if chart.condition else "linear"
    drawn = alt.Chart(alt.NamedData(name=data))
    layers = [
        drawn.mark_area(opacity=0.18, interpolate=shape).encode(
            x=_over(chart.x), y=low, y2="high:Q", color=colour, detail="metric:N"
        )
    ]
    for measured in sorted({line.measured for line in chart.lines}):
        names = [line.name for line in chart.lines if line.measured is measured]
        # Without other lines, there is nothing to leave out.
        some = (
            drawn
            if len(names) == len(chart.lines)
            else drawn.transform_filter(alt.FieldOneOfPredicate("metric", names))
        )
        width = THIN if measured else 1.8 if data == POINTS else 1.2
        line = some.mark_line(strokeWidth=width, clip=True, interpolate=shape)
        layers.append(line.encode(x=_over(chart.x), y=y, color=colour, strokeDash=dash, detail="metric:N"))
        if measured:
            # So many points would only thicken the line.
            few = some.transform_joinaggregate(drawn="count()", groupby=["metric"]).transform_filter(
                f"datum.drawn <= {MOST_DOTS}"
            )
            dot = few.mark_point(size=DOT, filled=True, opacity=1)
            layers.append(dot.encode(x=_over(chart.x), y=y, color=colour))
    return [*layers, drawn.mark_point(size=60, opacity=0).encode(x=_over(chart.x), y=y, tooltip=tips)]


def _colour(data: str, chart: _Facts) -> alt.Color | alt.ColorDatum:
    """The colour scale and legend; everything before a fork shares one legend entry, after those of the lines."""
    names = [line.name for line in chart.lines]
    domain = [*names, *([BEFORE_WORDS] if chart.forked else [])]
    colours = [line.colour for line in chart.lines]
    scale = alt.Scale(domain=domain, range=[*colours, *([EARLIER] if chart.forked else [])])
    # A line with the same name as the chart needs no legend entry.
    named = [word for word in domain if word != chart.title]
    legend = alt.Legend(
        title=None,
        orient="top",
        offset=2,
        padding=0,
        columnPadding=6,
        # Long names go into two columns; in one row they would be cut off.
        columns=2 if sum(map(len, domain)) > LONGEST_LEGEND else 0,
        labelOffset=3,
        symbolType="stroke",
        symbolSize=200,
        symbolOpacity=1,
        values=named if chart.title in names else alt.Undefined,
    )
    if data == BEFORE:
        return alt.ColorDatum(BEFORE_WORDS, scale=scale, legend=legend if named else None)
    return alt.Color("metric:N", scale=scale, legend=legend if named else None)


def _dash(lines: Sequence[Line]) -> alt.StrokeDash:
    names, dashes = [line.name for line in lines], [DASHES[line.dash] for line in lines]
    return alt.StrokeDash("metric:N", scale=alt.Scale(domain=names, range=dashes), legend=None)


@st.cache_data(show_spinner=False)
def _marks(x: XAxis) -> list[dict[str, Any]]:
    """A rule for each mark, with a sign at its top; kinds differ in dash, sign and words. The same in every chart."""
    drawn = alt.Chart(alt.NamedData(name=MARKS))
    tips = [alt.Tooltip("kind:N", title="What"), alt.Tooltip("label:N", title="Mark")]
    rules = drawn.mark_rule().encode(
        x=_over(x),
        color=_by_kind(0, OTHER),
        strokeDash=_by_kind(1, [2, 3]),
        strokeWidth=_by_kind(3, 1.5),
        tooltip=tips,
    )
    signs = drawn.mark_point(size=70, filled=True, opacity=1).encode(
        x=_over(x), y=alt.value(6), color=_by_kind(0, OTHER), shape=_by_kind(2, "circle"), tooltip=tips
    )
    return _written(rules, signs)


def _by_kind(place: int, otherwise: object) -> Any:
    """A property of marks that depends on their kind. No scale is used, because the lines would share it."""
    (first, sign), *others = SIGNS.items()
    found = alt.when(alt.datum.kind == first).then(alt.value(sign[place]))
    for kind, sign in others:
        found = found.when(alt.datum.kind == kind).then(alt.value(sign[place]))
    return found.otherwise(alt.value(otherwise))
