"""What a training chart shows at the pointer: all values at the nearest step, and the range that is being dragged."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from pages.components.run.chart_axes import NUMBER, SHARE, VIEW, X_TITLES, over
from pages.components.run.chart_zoom import BEGIN, END, PRESSING
from pages.components.run.chart_zoom import SELECTIONS as OF_ZOOM
from pages.components.shell.palette import NEUTRAL, Line
from pipeline.studio.charts.curves import XAxis

READOUT = "readout"
"""Data set with the values of all lines at each step (`chart_view.readout`)."""
HOVER = "hover"
SELECTIONS: list[dict[str, Any]] = [
    {
        "name": HOVER,
        "select": {"type": "point", "encodings": ["x"], "nearest": True, "on": "pointermove", "clear": "pointerout"},
    },
    *OF_ZOOM,
]
"""Selections of the layer that `rule` draws."""


def rule(lines: Sequence[Line], x: XAxis, percent: bool) -> alt.Chart:
    """A vertical line at the step that is nearest to the pointer, with the values of all lines there."""
    texts = {f"text{number}": _text(number, SHARE if percent else NUMBER) for number in range(len(lines))}
    drawn = alt.Chart(alt.NamedData(name=READOUT)).transform_calculate(**texts)
    tips = [alt.Tooltip("x:Q", title=X_TITLES[x], format=",.6~r")]
    tips += [alt.Tooltip(f"text{number}:N", title=line.name) for number, line in enumerate(lines)]
    shown = {"condition": {"param": HOVER, "empty": False, "value": 0.6}, "value": 0}
    opacity = alt.OpacityValue.from_dict(shown, validate=False)
    # There is a rule for each step: described one by one to screen readers, they would hide the lines and cost time.
    line: alt.Chart = drawn.mark_rule(color=NEUTRAL, aria=False).encode(x=over(x), opacity=opacity, tooltip=tips)
    return line


def shade() -> alt.Chart:
    """The range from where a drag began to the pointer, while the button is pressed."""
    ends = [f"{name}.x && {PRESSING}.x ? scale('x', {name}.x[0]) : 0" for name in (BEGIN, END)]
    # Without an end there is no range yet.
    first, last = (f"{BEGIN}.x && {END}.x ? ({each}) : 0" for each in ends)
    drawn: alt.Chart = alt.Chart(alt.NamedData(name=VIEW)).mark_rect(
        color=NEUTRAL,
        opacity=0.2,
        aria=False,
        x=alt.ExprRef(first),
        x2=alt.ExprRef(last),
        y=0,
        y2=alt.ExprRef("height"),
    )
    return drawn


def note() -> alt.Chart:
    """What the chart leaves out, or the value now, at its top right."""
    words = alt.Chart(alt.NamedData(name=VIEW)).mark_text(
        align="right", baseline="top", fontSize=11, color=NEUTRAL, x=alt.ExprRef("width - 4"), y=14
    )
    shown: alt.Chart = words.encode(text="note:N")
    return shown


def _text(number: int, form: str) -> str:
    """A Vega expression: the value of a line; in brackets, the range of the values that it is from, or the raw value
    if the line is smoothed."""
    value, low, high = f"datum.v{number}", f"datum.low{number}", f"datum.high{number}"
    shown = f"format({value}, '{form}')"
    span = f"' (values ' + format({low}, '{form}') + ' to ' + format({high}, '{form}') + ')'"
    raw = f"' (raw ' + format({low}, '{form}') + ')'"
    more = f"(!isValid({low}) ? '' : {low} < {high} ? {span} : abs({low} - {value}) > 1e-9 ? {raw} : '')"
    return f"isValid({value}) ? {shown} + {more} : '–'"
