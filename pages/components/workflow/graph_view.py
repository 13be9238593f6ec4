"""Draw a workflow as a graph with streamlit-agraph 0.0.45, and work around that component's quirks:

- Its Python wrapper takes no `key`, without which a changed colour creates a new iframe. So we call the component below
  the wrapper.
- It inserts a box's `title` into the page as HTML and opens it as a URL on a double click. So boxes have no title (None
  would show an empty tooltip), and therefore need the empty `div` that the component looks for.
- It reports a click only if the clicked box differs from the last one. So every click gives all boxes new ids (`turn`).
- The view does not follow when boxes move. So another layout gets another key, and with it a new iframe.
"""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal
from zlib import crc32

import streamlit as st
from streamlit_agraph import _agraph

from pages.components.shell import browser
from pages.components.shell.browser import Layout
from pages.components.shell.palette import COLOURS, ERROR, NEUTRAL, WIRE
from pages.components.shell.theme import mixed, theme
from pipeline.formatting import plain
from pipeline.graph.check import title_of
from pipeline.graph.form import Parameter, parameters
from pipeline.graph.layout import BOX_HEIGHT, BOX_WIDTH, COLUMN, ROUNDNESS, ROW, layout
from pipeline.graph.registry import Registry
from pipeline.graph.workflow import Json, NodeData, Workflow

NodeMark = Literal["error", "changed", "running", "fits", "idle"]
"""The meaning of a node's border: red for a problem, dashed for a change that needs a rebuild, thick for running and,
while two nodes are being connected, for one that fits; grey, and in words, for a node of another phase."""

Places = Mapping[str, tuple[int, int]]
Wiring = tuple[tuple[str, str, tuple[tuple[str, str, int], ...]], ...]
"""(node id, class_type, ((wire, node id, output), ...)) of every node: all that the layout depends on."""


@dataclass(frozen=True)
class BoxSizes:
    """Sizes of the graph's grid cells, boxes and texts in pixels. lines: lines of a label, including the title.

    tallest: maximum height of the whole; a larger graph is scaled down, and can be zoomed and moved.
    """

    column: int
    row: int
    box_width: int
    box_height: int
    padding: int
    title: int
    lines: int
    text: int = 12
    tallest: int = 720


FULL = BoxSizes(COLUMN, ROW, BOX_WIDTH, BOX_HEIGHT, padding=11, title=14, lines=3)
WIDE = BoxSizes(column=272, row=108, box_width=240, box_height=78, padding=14, title=16, lines=4, text=14, tallest=960)
"""For a wide window: larger, with one more parameter."""
COMPACT = BoxSizes(column=106, row=66, box_width=100, box_height=46, padding=6, title=13, lines=1)
"""For a graph next to other content: titles only, three columns in 340 pixels."""

FONT = "'Source Sans', 'Source Sans 3', 'Source Sans Pro', 'Segoe UI', Roboto, Helvetica, Arial, sans-serif"
"""The pages' font if the system has it: the component's frame cannot reach the one that Streamlit serves. Quoted, since
a canvas ignores the whole font, its size included, if a name with a digit is not."""
LONGEST_TITLE, LONGEST_LINE = 40, 30
WIDEST: Mapping[Layout, int] = {"narrow": 3, "normal": 4, "wide": 4}
"""Columns that fit at full size next to the sidebar, in the smallest window of each layout."""


def graph_view(
    workflow: Workflow,
    registry: Registry,
    *,
    key: str,
    selected: str = "",
    marks: Mapping[str, Collection[NodeMark]] | None = None,
    on_select: Callable[[str], None] | None = None,
    compact: bool = False,
) -> None:
    """Draw the workflow as wide as its container.

    selected: id of the highlighted node. marks: border marks, by node id. on_select: called with a node's id when its
    box is clicked, before the page reruns; None if clicks do nothing. compact: titles only, for about half the width of
    the page.
    """
    marks, size = marks or {}, COMPACT if compact else WIDE if browser.layout() == "wide" else FULL
    turn = st.session_state.get(_turn_key(key), 0)
    places = {
        node_id: (x * size.column // COLUMN, y * size.row // ROW)
        for node_id, (x, y) in _places(_wiring(workflow), registry).items()
    }
    boxes = [
        {"id": _box_id(turn, node_id), "x": places[node_id][0], "y": places[node_id][1]}
        | _look(node, registry, size, selected=node_id == selected, marks=marks.get(node_id, ()))
        for node_id, node in workflow.nodes.items()
    ]
    wires = [
        {"id": f"{node_id}.{name}", "from": _box_id(turn, link.node), "to": _box_id(turn, node_id)}
        for node_id, node in workflow.nodes.items()
        for name, link in node.links()
        if link.node in workflow.nodes
    ]
    component_key = f"{key} {crc32(repr(sorted(places.items())).encode())}"
    _agraph(
        data=json.dumps({"nodes": boxes, "edges": wires}),
        config=json.dumps(_settings(places, size, clickable=on_select is not None)),
        key=component_key,
        default=None,
        on_change=lambda: _take_click(key, component_key, on_select),
    )


def _take_click(key: str, component_key: str, on_select: Callable[[str], None] | None) -> None:
    clicked = st.session_state[component_key]
    if clicked and on_select:
        turn, _, node_id = clicked.partition(" ")
        st.session_state[_turn_key(key)] = int(turn) + 1
        on_select(node_id)


def _turn_key(key: str) -> str:
    return f"{key} turn"


def _box_id(turn: int, node_id: str) -> str:
    return f"{turn} {node_id}"


def _wiring(workflow: Workflow) -> Wiring:
    return tuple(
        (node_id, node.class_type, tuple((name, link.node, link.output) for name, link in node.links()))
        for node_id, node in workflow.nodes.items()
    )


@lru_cache(maxsize=64)
def _places(wiring: Wiring, registry: Registry) -> Places:
    nodes = {
        node_id: NodeData(class_type, {name: [source, output] for name, source, output in wires})
        for node_id, class_type, wires in wiring
    }
    return layout(Workflow("", nodes), registry)


def _look(
    node: NodeData, registry: Registry, size: BoxSizes, *, selected: bool, marks: Collection[NodeMark]
) -> dict[str, Any]:
    """The appearance of a box. Every property is set each time, because the component keeps those that are left out."""
    category = registry.category_of(node.class_type)
    colour = COLOURS[category.colour] if category and not node.bypassed and "idle" not in marks else NEUTRAL
    border = ERROR if "error" in marks else colour
    look = theme()
    # The fill is opaque, because wires would show through a translucent box.
    fill = {"background": mixed(colour, look.chosen if selected else look.tint, look.page), "border": border}
    return {
        "label": _label(node, registry, size.lines, idle="idle" in marks),
        "div": {"innerHTML": ""},
        "color": fill | {"hover": fill | {"background": mixed(colour, (look.tint + look.chosen) / 2, look.page)}},
        "borderWidth": 4 if {"running", "fits"} & {*marks} else 2.5 if "error" in marks or selected else 1.2,
        "shapeProperties": {"borderRadius": 6, "borderDashes": _dashes(node, marks)},
        "shadow": {"enabled": selected, "color": colour, "size": 14, "x": 0, "y": 0},
    }


def _dashes(node: NodeData, marks: Collection[NodeMark]) -> list[int] | bool:
    return [6, 4] if "changed" in marks else [2, 3] if node.bypassed else False


def _label(node: NodeData, registry: Registry, most: int, *, idle: bool = False) -> str:
    """The title, and below it the key parameters: text as it is, numbers and switches with their label. That a node is
    bypassed or idle is written even where there is room for the title only."""
    node_class = registry.get(node.class_type)
    lines = [f"<b>{_escaped(_cut(title_of(node, registry), LONGEST_TITLE))}</b>"]
    if node.bypassed:
        return f"{lines[0]}\nbypassed"
    if idle:
        return f"{lines[0]}\nidle now"
    for parameter in parameters(node_class) if node_class else ():
        value = parameter.value(node)
        if parameter.key and value != "":
            lines.append(_escaped(_cut(_words(parameter, value), LONGEST_LINE)))
    return "\n".join(lines[:most])


def _words(parameter: Parameter, value: Json) -> str:
    match value:
        case bool():
            return f"{parameter.label.lower()} {'on' if value else 'off'}"
        case str():
            return value
        case int():
            return f"{parameter.label.lower()} {value:,}"
        case float():
            return f"{parameter.label.lower()} {plain(value)}"
    return str(value)


def _cut(text: str, longest: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _escaped(text: str) -> str:
    # A zero-width space breaks up any tag in the label, because the entity for < would be drawn literally.
    return text.replace("<", "<\u200b")


def _settings(places: Places, size: BoxSizes, *, clickable: bool) -> dict[str, Any]:
    rows = [y for _, y in places.values()] or [0]
    columns = [x for x, _ in places.values()] or [0]
    # The component leaves a margin of a tenth of the graph's height.
    height = round(1.1 * (max(rows) - min(rows) + size.box_height)) + 6
    large = height > size.tallest or max(columns) - min(columns) > WIDEST[browser.layout()] * size.column
    ink = theme().ink
    return {
        "width": "100%",
        "height": f"{min(height, size.tallest)}px",
        "autoResize": True,
        "physics": {"enabled": False},
        "layout": {"improvedLayout": False},
        "interaction": {
            "dragNodes": False,
            "dragView": large,
            "zoomView": large,
            "hover": clickable,
            "selectable": clickable,
            "selectConnectedEdges": False,
            "hoverConnectedEdges": False,
        },
        "nodes": {
            "shape": "box",
            "fixed": True,
            "chosen": False,
            "margin": {"top": 8, "bottom": 8, "left": size.padding, "right": size.padding},
            "widthConstraint": size.box_width - 2 * size.padding,
            "heightConstraint": {"minimum": size.row // 3, "valign": "middle"},
            "font": {
                "multi": "html",
                "align": "left",
                "face": FONT,
                "size": size.text,
                "color": ink,
                "bold": {"size": size.title, "color": ink, "face": FONT, "mod": "bold", "vadjust": -2},
            },
        },
        "edges": {
            "color": {"color": WIRE, "hover": WIRE, "highlight": WIRE, "inherit": False},
            "width": 1.4,
            "chosen": False,
            "arrows": {"to": {"enabled": True, "scaleFactor": 0.55}},
            "smooth": {
                "enabled": True,
                "type": "cubicBezier",
                "forceDirection": "vertical",
                "roundness": ROUNDNESS,
            },
        },
    }
