"""The axes of the training charts: their ends come from the data set VIEW, so that zooming changes no specification."""

import altair as alt

from pipeline.studio.charts.curves import XAxis

VIEW = "view"
"""Data set of one row: x0, x1, y0 and y1, the ends of the axes (null: where the data ends), and a note."""
X_TITLES: dict[XAxis, str] = {
    "step": "Step",
    "epoch": "Epoch",
    "images": "Images seen",
    "time": "Training time (s)",
}
NUMBER, SHARE = ",.4~r", ".3~%"

_DECADES = (
    # Label the powers of ten. If the axis is only one of them long, label also 2 and 5.
    "abs(log(datum.value) / LN10 - round(log(datum.value) / LN10)) < 1e-6"
    " || (domain('y')[1] / domain('y')[0] < 11 && test(/^[25]/, format(datum.value, 'e')))"
    " ? format(datum.value, datum.value < 1e-5 || datum.value >= 1e6 ? '~e' : ',~r') : ''"
)


def over(x: XAxis) -> alt.X:
    """The horizontal axis, from x0 to x1 of VIEW."""
    below = alt.Axis(format=",~r", tickCount=5, grid=False, titlePadding=2, labelPadding=4)
    scale = alt.Scale(zero=False, nice=False, domainMin=_end("x0"), domainMax=_end("x1"))
    return alt.X("x:Q", title=X_TITLES[x], axis=below, scale=scale)


def up(field: str, unit: str, *, log: bool, condition: bool, percent: bool) -> alt.Y:
    """The vertical axis of a field, from y0 to y1 of VIEW if they are not null."""
    if condition:
        scale, axis = alt.Scale(domain=[0, 1]), alt.Axis(values=[0, 1], labelExpr="datum.value ? 'true' : 'false'")
    elif log:
        scale = alt.Scale(type="log", nice=True, domainMin=_end("y0"), domainMax=_end("y1"))
        axis = alt.Axis(labelExpr=_DECADES, gridOpacity=0.5)
    else:
        # Without being told, Vega-Lite does not round the ends of an axis that may be given.
        scale = alt.Scale(zero=False, nice=True, domainMin=_end("y0"), domainMax=_end("y1"))
        axis = alt.Axis(format="~%" if percent else ",~r", tickCount=5)
    return alt.Y(f"{field}:Q", title=unit, scale=scale, axis=axis)


def _end(name: str) -> alt.ExprRef:
    # While the data set is being replaced, it may be empty for a moment.
    return alt.ExprRef(f"length(data('{VIEW}')) ? data('{VIEW}')[0].{name} : null")
