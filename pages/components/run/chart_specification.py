"""Vega-Lite specifications of the training charts, without data. Each is built once and cached.

Altair takes about a tenth of a second to build one, under a lock that all browsers share, and any difference in a
specification makes the browser mount the chart again. So counts and names of runs are in captions instead, and the ends
of the axes are data (VIEW). All browsers share one object, which nobody may change.
"""

from typing import Any, Literal, NamedTuple

import altair as alt
import streamlit as st

from pages.components.run import chart_axes, chart_legend, chart_readout
from pages.components.run.chart_axes import VIEW, X_TITLES, over
from pages.components.run.chart_legend import BEFORE_WORDS
from pages.components.run.chart_readout import READOUT
from pages.components.shell.palette import COLOURS, NEUTRAL, Line
from pipeline.studio.charts.chart_annotations import HERE, MARKED
from pipeline.studio.charts.curves import XAxis

__all__ = ["BEFORE", "BEFORE_WORDS", "HEIGHT", "MARKS", "POINTS", "READOUT", "VIEW", "X_TITLES", "specification"]

HEIGHT = 300
THIN, DOT, MOST_DOTS = 1.2, 22, 150
"""Of measurements: the width of the line that joins the points, the area of a point, and the maximum number of points
of one series that are drawn as such."""
POINTS, BEFORE, MARKS = "points", "before", "marks"
CHANGE, OTHER = COLOURS["orange"], NEUTRAL
SIGNS: dict[str, tuple[str, list[int], str, float]] = {
    # Kind of mark: colour and dash of its rule, the sign at its top, and the rule's width.
    MARKED["parameter changed"]: (CHANGE, [2, 3], "diamond", 1.5),
    MARKED["updated"]: (OTHER, [1, 4], "circle", 1.5),
    MARKED["forked"]: (OTHER, [8, 3], "triangle-down", 1.5),
    MARKED["went back"]: (OTHER, [8, 3, 2, 3], "triangle-left", 1.5),
    MARKED["stopped"]: (CHANGE, [5, 2], "square", 1.5),
    MARKED["images changed"]: (CHANGE, [1, 2, 6, 2], "cross", 1.5),
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
    percent: bool
    narrow: bool


@st.cache_resource(show_spinner=False, max_entries=300)
def specification(
    title: str,
    unit: str,
    lines: tuple[Line, ...],
    x: XAxis,
    log: bool,
    *,
    forked: bool = False,
    condition: bool = False,
    percent: bool = False,
    narrow: bool = False,
) -> dict[str, Any]:
    """One chart: lines with bands from low to high, grey lines for the time before a fork, and marks of events.

    unit: unit of the values, in words; unused for a condition, whose values are true (1) and false (0). forked: whether
    the chart has BEFORE data. percent: whether the values are shares, shown in percent. narrow: whether the window is.
    """
    facts = _Facts(title, "condition" if condition else unit, lines, x, log, forked, condition, percent, narrow)
    # Vega-Lite makes the legend of the first lines: only those in colour have names that a click can hide.
    layers = [chart_readout.shade(), *_lines(POINTS, facts), *(_lines(BEFORE, facts) if forked else [])]
    written = _written(*layers)
    toggled = next(layer for layer in written if layer["data"]["name"] == POINTS)
    toggled["params"] = [chart_legend.TOGGLE]
    for layer in written:
        chart_legend.fade_hidden_entries(layer)
    (readout,) = _written(chart_readout.rule(lines, x, percent))
    readout["params"] = chart_readout.SELECTIONS
    return {
        "$schema": alt.SCHEMA_URL,
        "title": alt.TitleParams(title, offset=4, limit=440).to_dict(),
        "height": HEIGHT,
        "layer": [*written, readout, *_marks(x), *_written(chart_readout.note())],
    }


def _written(*layers: alt.Chart) -> list[dict[str, Any]]:
    """The layers as dictionaries, each with its own data; in a layered chart, Altair would move shared data to the top
    level."""
    written = [layer.to_dict(validate=False) for layer in layers]
    # Altair writes a size into `config`; the page sets the size.
    return [{name: value for name, value in layer.items() if name not in ("$schema", "config")} for layer in written]


def _lines(data: str, chart: _Facts) -> list[alt.Chart]:
    """The band, the lines, and the points of what is measured at some steps only. Grey lines differ in their dashes
    only."""
    y = chart_axes.up("value", chart.unit, log=chart.log, condition=chart.condition, percent=chart.percent)
    low = chart_axes.up("low", chart.unit, log=chart.log, condition=chart.condition, percent=chart.percent)
    names = [line.name for line in chart.lines]
    grey = data == BEFORE
    colour = chart_legend.colour(chart.title, chart.lines, grey=grey, forked=chart.forked, narrow=chart.narrow)
    dash = chart_legend.dash(chart.lines)
    drawn = alt.Chart(alt.NamedData(name=data))
    layers = []
    for measured in sorted({line.measured for line in chart.lines}):
        some = [line.name for line in chart.lines if line.measured is measured]
        # Without other lines, there is nothing to leave out.
        rows = drawn if len(some) == len(names) else drawn.transform_filter(alt.FieldOneOfPredicate("metric", some))
        # A measurement holds until the next.
        shape: Literal["step-after", "linear"] = "step-after" if measured or chart.condition else "linear"
        layers.append(
            rows.mark_area(interpolate=shape, clip=True).encode(
                x=over(chart.x),
                y=low,
                y2="high:Q",
                color=colour,
                detail="metric:N",
                opacity=chart_legend.unless_hidden(0.18, 0.02),
            )
        )
        width = THIN if measured else 1.2 if grey else 1.8
        layers.append(
            rows.mark_line(strokeWidth=width, clip=True, interpolate=shape).encode(
                x=over(chart.x),
                y=y,
                color=colour,
                strokeDash=dash,
                detail="metric:N",
                opacity=chart_legend.unless_hidden(1, 0.1),
            )
        )
        if measured:
            # So many points would only thicken the line. A row without a range only prolongs the line to the end.
            few = rows.transform_joinaggregate(drawn="count()", groupby=["metric"]).transform_filter(
                f"datum.drawn <= {MOST_DOTS} && isValid(datum.low)"
            )
            layers.append(
                few.mark_point(size=DOT, filled=True, clip=True).encode(
                    x=over(chart.x), y=y, color=colour, opacity=chart_legend.unless_hidden(1, 0.1)
                )
            )
    return layers


@st.cache_data(show_spinner=False)
def _marks(x: XAxis) -> list[dict[str, Any]]:
    """A rule for each mark, with a sign at its top; kinds differ in dash, sign and words. The same in every chart."""
    drawn = alt.Chart(alt.NamedData(name=MARKS))
    tips = [alt.Tooltip("kind:N", title="What"), alt.Tooltip("label:N", title="Mark")]
    rules = drawn.mark_rule(clip=True).encode(
        x=over(x),
        color=_by_kind(0, OTHER),
        strokeDash=_by_kind(1, [2, 3]),
        strokeWidth=_by_kind(3, 1.5),
        tooltip=tips,
    )
    signs = drawn.mark_point(size=70, filled=True, opacity=1, clip=True).encode(
        x=over(x), y=alt.value(6), color=_by_kind(0, OTHER), shape=_by_kind(2, "circle"), tooltip=tips
    )
    return _written(rules, signs)


def _by_kind(place: int, otherwise: object) -> Any:
    """A property of marks that depends on their kind. No scale is used, because the lines would share it."""
    (first, sign), *others = SIGNS.items()
    found = alt.when(alt.datum.kind == first).then(alt.value(sign[place]))
    for kind, sign in others:
        found = found.when(alt.datum.kind == kind).then(alt.value(sign[place]))
    return found.otherwise(alt.value(otherwise))
