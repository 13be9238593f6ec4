"""Colours, dashes and the legend of the training charts. A click on an entry fades its line, another one shows it."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from pages.components.shell.palette import DASHES, EARLIER, Line

BEFORE_WORDS = "before the fork"
LONGEST_LEGEND, LONGEST_NARROW_LEGEND = 45, 16
"""Total number of characters of line names that fit in one row above a chart, in a window of the usual width and in a
narrow one."""
LONGEST_COLUMNS = 30
"""Total number of characters of line names that fit in two columns above a chart in a narrow window."""
HIDDEN = "hidden"
"""The selection of the names whose lines are faded."""
TOGGLE: dict[str, Any] = {
    "name": HIDDEN,
    "select": {"type": "point", "fields": ["metric"], "toggle": "true"},
    "bind": "legend",
}
_FADED = f"{HIDDEN}.metric && indexof({HIDDEN}.metric, datum.value) >= 0"


def unless_hidden(shown: float, hidden: float) -> Any:
    """An opacity that depends on whether the line is hidden."""
    condition = {"condition": {"param": HIDDEN, "empty": False, "value": hidden}, "value": shown}
    return alt.OpacityValue.from_dict(condition, validate=False)


def fade_hidden_entries(layer: dict[str, Any]) -> None:
    """Have the legend of a written layer fade the entries of hidden lines. Vega-Lite alone would fade the others."""
    if legend := layer.get("encoding", {}).get("color", {}).get("legend"):
        fading = {"opacity": {"condition": {"test": _FADED, "value": 0.3}, "value": 1}}
        # Altair does not know this property of legends.
        legend["encoding"] = {"symbols": fading, "labels": fading}


def colour(
    title: str, lines: Sequence[Line], *, grey: bool, forked: bool, narrow: bool = False
) -> alt.Color | alt.ColorDatum:
    """The colour scale and legend; everything before a fork shares one legend entry, after those of the lines. grey:
    whether these are the lines before the fork. narrow: whether the window is."""
    names = [line.name for line in lines]
    domain = [*names, *([BEFORE_WORDS] if forked else [])]
    colours = [line.colour for line in lines]
    scale = alt.Scale(domain=domain, range=[*colours, *([EARLIER] if forked else [])])
    # A line with the same name as the chart needs no legend entry.
    named = [word for word in domain if word != title]
    legend = alt.Legend(
        title=None,
        orient="top",
        offset=2,
        padding=0,
        columnPadding=6,
        columns=_columns(sum(map(len, domain)), narrow=narrow),
        labelOffset=3,
        symbolType="stroke",
        symbolSize=200,
        symbolOpacity=1,
        values=named if title in names else alt.Undefined,
    )
    if grey:
        return alt.ColorDatum(BEFORE_WORDS, scale=scale, legend=legend if named else None)
    return alt.Color("metric:N", scale=scale, legend=legend if named else None)


def _columns(length: int, *, narrow: bool) -> int:
    """Long names go into two columns, or below each other; in one row (0) they would be cut off."""
    if narrow and length > LONGEST_COLUMNS:
        return 1
    return 2 if length > (LONGEST_NARROW_LEGEND if narrow else LONGEST_LEGEND) else 0


def dash(lines: Sequence[Line]) -> alt.StrokeDash:
    """The dash of each line."""
    names, dashes = [line.name for line in lines], [DASHES[line.dash] for line in lines]
    return alt.StrokeDash("metric:N", scale=alt.Scale(domain=names, range=dashes), legend=None)
