"""Zooming all charts of a run by dragging over one of them.

The charts send where a drag began and ended, and when a double click asks for everything; nothing else. The range is
kept in the session, in steps, and the server sends finer data for it. So the charts' specifications never change, and
new data does not undo the zoom.
"""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.components.shell.state import store
from pipeline.studio.charts import step_range
from pipeline.studio.charts.curves import StepRange, XAxis

BEGIN, END, WHOLE, PRESSING = "drag_begin", "drag_end", "whole", "pressing"
"""Selections of a chart: the steps where the last drag began and ended, the double clicks, and whether a button of the
mouse is pressed."""
SENT = (BEGIN, END, WHOLE)
"""The selections that the browser sends to the server, all in one message at the end of a drag."""
_ZOOM, _SEEN = "chart_zoom", "chart_double_clicks"

_DRAGGED_FROM = "pointerdown"
_BESIDE = "pointerdown[!event.item || !event.item.isVoronoi]"


def _steps(on: str, clear: str | bool, **more: Any) -> dict[str, Any]:
    """A selection of the step that is nearest to the pointer."""
    return {"type": "point", "encodings": ["x"], "nearest": True, "on": on, "clear": clear, "toggle": False} | more


SELECTIONS: list[dict[str, Any]] = [
    {"name": BEGIN, "select": _steps(_DRAGGED_FROM, _BESIDE)},
    # Cleared by the press, so that a click without a movement has no end.
    {"name": END, "select": _steps("[pointerdown, window:pointerup] > pointermove", _DRAGGED_FROM)},
    # Each double click adds or removes a step: any change is one.
    {"name": WHOLE, "select": _steps("dblclick", False, toggle="true")},
    {"name": PRESSING, "select": _steps(_DRAGGED_FROM, "window:pointerup")},
]


def zoomed(run: str) -> StepRange | None:
    """The steps that this browser's charts of the run show; None for all."""
    found: StepRange | None = st.session_state.get(_ZOOM, {}).get(run)
    return found


def zoom(run: str, steps: StepRange | None) -> None:
    """Show only these steps of the run in this browser's charts; None for all."""
    others = {name: each for name, each in st.session_state.get(_ZOOM, {}).items() if name != run}
    st.session_state[_ZOOM] = others if steps is None else {**others, run: steps}


def selected(key: str, run: str, x: XAxis) -> None:
    """For a callback: follow the selections that the chart with this key has sent."""
    selection = st.session_state[key].selection
    seen = st.session_state.setdefault(_SEEN, {})
    double_clicks = [_position(each) for each in selection.get(WHOLE) or ()]
    if double_clicks != seen.get(key, []):
        seen[key] = double_clicks
        zoom(run, None)
    elif dragged := drag_of(selection):
        steps = step_range.steps_between(store(), store().run(run), x, *dragged)
        if steps is not None:
            zoom(run, steps)


def drag_of(selection: Mapping[str, Any]) -> tuple[float, float] | None:
    """The positions where a drag began and ended; None if there was no drag."""
    begin, end = (_position(each[0]) if (each := selection.get(name)) else None for name in (BEGIN, END))
    return (begin, end) if begin is not None and end is not None and begin != end else None


def _position(point: Mapping[str, Any]) -> float | None:
    x = point.get("x")
    return float(x) if isinstance(x, int | float) else None


def reset_button(run: str) -> None:
    """What the charts show and a button to show everything, if they are zoomed; otherwise nothing."""
    steps = zoomed(run)
    if steps is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Steps {steps.first:,} to {steps.last:,}", width="content")
        st.button(
            "Reset zoom",
            key="reset_zoom",
            icon=":material/zoom_out_map:",
            type="tertiary",
            help="Show all steps again. A double click on a chart does the same.",
            on_click=zoom,
            args=(run, None),
        )
