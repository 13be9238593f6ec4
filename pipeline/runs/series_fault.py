"""Whether series that custom code declares can be recorded, used in expressions and drawn."""

import re
from collections.abc import Iterable
from typing import get_args

from pipeline.colours import Colour, Dash
from pipeline.runs.series import CLOCKS, Chart, Series, names_of
from pipeline.runs.system_series import SYSTEM
from pipeline.why import Why

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
RESERVED = ("step", "and", "or", "not", "abs", "min", "max", "mean", "isnan")
"""Names reserved in expressions."""
LONGEST_NAME = 100
"""Maximum length of a name in the database."""
OF_EVERY_RUN = frozenset(names_of((*CLOCKS, *SYSTEM)))
"""Names of the series that Genscope itself records."""


def series_fault(series: Iterable[object]) -> str:
    """What is wrong with the series of a run, as a sentence; "" if they can be recorded, used in expressions and drawn.

    Custom declarations may hold anything; the fault must be found here, not by a page that draws them.
    """
    known: set[str] = set()
    for each in series:
        if not isinstance(each, Series):
            return f"{str(each)[:60]!r} is not a Series."
        if not isinstance(each.name, str) or not NAME.fullmatch(each.name) or each.name in RESERVED:
            return f"{each.name!r} cannot be the name of a series: use letters, digits and underscores, and no keyword."
        if len(each.name) > LONGEST_NAME:
            return f"The name of the series {each.name[:30] + '…'!r} is longer than {LONGEST_NAME} characters."
        if each.name in OF_EVERY_RUN:
            return f"Every run already records a series {each.name!r}: choose another name."
        if each.name in known:
            return f"The series {each.name!r} is declared twice."
        known.add(each.name)
        if fault := _fault_of_look(each):
            return f"The series {each.name!r} {fault}."
    return ""


def _fault_of_look(series: Series) -> str:
    """Why a series cannot be drawn and described, as the end of a sentence; "" if it can."""
    if not series.meaning or not isinstance(series.meaning, str):
        return "has no meaning: describe it in a few words"
    if series.colour not in get_args(Colour):
        return f"has the colour {series.colour!r}: choose {', '.join(get_args(Colour))}"
    if series.dash not in get_args(Dash):
        return f"has the dash {series.dash!r}: choose {', '.join(get_args(Dash))}"
    why: object = series.why
    if why is not None and not isinstance(why, Why):
        return "has an invalid why: give it a Why with two sentences and a source, or None"
    chart = series.chart
    if chart is not None and not (
        isinstance(chart, Chart)
        and isinstance(chart.title, str)
        and chart.title
        and isinstance(chart.unit, str)
        and isinstance(chart.place, int | float)
    ):
        return "has an invalid chart: give it a Chart with a title and a unit, or None"
    return ""
