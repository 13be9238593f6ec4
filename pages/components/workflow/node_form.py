"""The sidebar's form for one node: actions, description, parameters, inputs and title.

The form always shows the draft; a widget only reports the change that the user wants. A refused value leaves the draft
unchanged, and the error is shown below the field.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from pages.components.shell.notices import run_command
from pages.components.shell.streamlit_gaps import escape
from pages.components.workflow import draft
from pages.components.workflow.node_actions import node_actions
from pages.components.workflow.shown_values import is_crossing, show_value
from pipeline.errors.base import GenscopeError
from pipeline.formatting import plain
from pipeline.graph import edit
from pipeline.graph.check import Report
from pipeline.graph.connecting import Source, compatible_sources
from pipeline.graph.document import LONGEST_NAME
from pipeline.graph.findings import Problem
from pipeline.graph.form import Parameter, Wire, increment, parameters, pressed, wires
from pipeline.graph.node import Link, Node
from pipeline.graph.workflow import Json, NodeData, Workflow, as_link
from pipeline.nodes.catalogue import NODES
from pipeline.studio import workflows

LARGEST_IN_A_NUMBER_FIELD = 2**53 - 1
"""The largest integer up to which JavaScript numbers are exact."""


def node_form(workflow: Workflow, report: Report, node_id: str) -> None:
    """The form for node `node_id`. Every change goes to this browser's draft."""
    node = workflow.nodes[node_id]
    node_class = NODES.get(node.class_type)
    problems = [problem for problem in report.problems if problem.node == node_id]
    node_actions(workflow, node_id)
    if node_class is None:
        st.caption(f"**{escape(node.class_type)}** · node {escape(node_id)}")
        _sentences(problems)
        st.json(dict(node.inputs), expanded=False)
    else:
        st.caption(f"**{node_class.title}** · node {escape(node_id)}  \n{' '.join((node_class.__doc__ or '').split())}")
        fields = {parameter.name for parameter in parameters(node_class)} | {wire.name for wire in wires(node_class)}
        _sentences([problem for problem in problems if problem.input_name not in fields])
        _fields(workflow, node_id, node, node_class, problems)
    _title(node_id, node, node_class)


def _sentence(sentence: str) -> None:
    st.markdown(f":red[:small[:material/error: {escape(sentence)}]]")


def _sentences(problems: Sequence[Problem]) -> None:
    for problem in problems:
        _sentence(problem.message)


def _fields(
    workflow: Workflow, node_id: str, node: NodeData, node_class: type[Node], problems: Sequence[Problem]
) -> None:
    """A field for each parameter and each wire, with its problems below."""
    for parameter in parameters(node_class):
        key = f"field {node_id}.{parameter.name}"
        with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
            _field(parameter, parameter.value(node), node_id, key, node_class.offers(parameter.name))
            _presses(parameter, parameter.value(node), node_id, key)
            st.button(
                # In words, because screen readers would read the name of an icon.
                "Reset",
                key=f"reset {node_id}.{parameter.name}",
                type="tertiary",
                help=f"Reset to {parameter.default}",
                disabled=parameter.value(node) == parameter.default,
                on_click=run_command,
                args=(draft.change, edit.reset_parameter, node_id, parameter.name),
            )
        _refusal(key)
        _sentences([problem for problem in problems if problem.input_name == parameter.name])
    if wires(node_class):
        st.markdown("**Inputs**")
    for wire in wires(node_class):
        _wire_field(wire, workflow, node_id, node)
        _sentences([problem for problem in problems if problem.input_name == wire.name])


def _field(parameter: Parameter, value: Json, node_id: str, key: str, offered: Mapping[str, str]) -> None:
    """The widget for one parameter. A value of the wrong type for its widget is shown as text. offered: values of a
    text to choose from, with their labels."""
    label = parameter.label + _range(parameter)
    help_text = parameter.help + (" Can be changed during training, on the Train page." if parameter.live else "")
    change: dict[str, Any] = {"key": key, "help": help_text, "on_change": _take, "args": (node_id, parameter, key)}
    match parameter.kind, value:
        case "bool", bool():
            show_value(key, value)
            st.toggle(label, **change)
        case "choice", _:
            show_value(key, value if value in parameter.choices else None)
            st.selectbox(label, parameter.choices, placeholder=f"{str(value)[:30]} is not one of these", **change)
        case "int", int() if not isinstance(value, bool) and abs(value) <= LARGEST_IN_A_NUMBER_FIELD:
            show_value(key, value)
            st.number_input(label, step=int(increment(parameter, value)), format="%d", **change)
        case "float", int() | float() if not isinstance(value, bool) and not parameter.log:
            show_value(key, float(value))
            st.number_input(label, step=float(increment(parameter, value)), format="%g", **change)
        case "text", str() if offered:
            show_value(key, value)
            known = {value: value or "Choose, or type an id", **offered}
            st.selectbox(
                label, list(known), format_func=lambda each: known.get(each, each), accept_new_options=True, **change
            )
        case _:
            show_value(key, value if isinstance(value, str) else json.dumps(value))
            st.text_input(label, **change)


def _presses(parameter: Parameter, value: Json, node_id: str, key: str) -> None:
    """− and + for a number that is written as text, such as a learning rate."""
    if parameter.kind != "float" or not parameter.log or not isinstance(value, int | float):
        return
    step = increment(parameter, value)
    for sign, word, after in (("−", "less", value - step), ("+", "more", value + step)):
        wanted = pressed(parameter, value, after)
        st.button(
            escape(sign),
            key=f"{word} {node_id}.{parameter.name}",
            type="tertiary",
            help=f"{parameter.label}: {plain(wanted)}",
            disabled=wanted == value,
            on_click=_set,
            args=(node_id, parameter, key, wanted),
        )


def _range(parameter: Parameter) -> str:
    if parameter.minimum is None or parameter.maximum is None:
        return ""
    lowest, highest = (_bound(bound) for bound in (parameter.minimum, parameter.maximum))
    return f" ({lowest} to {highest})"


def _bound(bound: float) -> str:
    if bound >= 1_000_000 and bound % 1_000_000 == 0:
        return f"{bound // 1_000_000:,}M"
    return plain(bound)


def _take(node_id: str, parameter: Parameter, key: str) -> None:
    """Apply the value in a parameter's field to the draft."""
    value = st.session_state[key]
    node = draft.current().workflow.nodes.get(node_id)
    if node is None or is_crossing(key):
        return
    before = parameter.value(node)
    if isinstance(value, int | float) and isinstance(before, int | float):
        value = pressed(parameter, before, value)
    if isinstance(value, str) and parameter.kind in ("int", "float", "bool"):
        value = _number(value)
    if value is not None:
        _set(node_id, parameter, key, value)


def _set(node_id: str, parameter: Parameter, key: str, value: Json) -> None:
    try:
        draft.change(workflows.set_parameter, node_id, parameter.name, value)
    except GenscopeError as error:
        st.session_state.refused_field = (key, str(error))


def _number(text: str) -> Json:
    """Parse a number such as `2e-4` or `.5`. Return any other text unchanged; the draft then refuses it."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _refusal(key: str) -> None:
    """Show once why the last change of this field was refused."""
    field, sentence = st.session_state.get("refused_field", ("", ""))
    if field == key:
        del st.session_state.refused_field
        _sentence(sentence)


def _wire_field(wire: Wire, workflow: Workflow, node_id: str, node: NodeData) -> None:
    """A choice among the outputs that fit. The connected output is included even if it does not fit."""
    sources = {
        Link(found.node, found.output): found for found in compatible_sources(workflow, node_id, wire.name, NODES)
    }
    wired = as_link(node.inputs.get(wire.name))
    if wired is not None and wired not in sources:
        sources[wired] = Source(wired.node, wired.output, "does not fit")
    key = f"wire {node_id}.{wire.name}"
    show_value(key, wired)
    st.selectbox(
        wire.label,
        [None, *sources],
        format_func=lambda link: _source_words(sources[link]) if link else "not connected",
        key=key,
        help=f"{wire.help} Takes the {wire.port.title} of another node.",
        on_change=_rewire,
        args=(node_id, wire.name, key),
    )


def _source_words(source: Source) -> str:
    output = f", output {source.output}" if source.output else ""
    return f"{source.title} ({source.node}{output})"


def _rewire(node_id: str, name: str, key: str) -> None:
    link = st.session_state[key]
    if is_crossing(key):
        return
    if link is None:
        run_command(draft.change, edit.disconnect, node_id, name)
    else:
        run_command(draft.change, edit.connect, node_id, name, link)


def _title(node_id: str, node: NodeData, node_class: type[Node] | None) -> None:
    key = f"title {node_id}"
    show_value(key, node.title)
    st.text_input(
        "Title in the graph",
        key=key,
        max_chars=LONGEST_NAME,
        placeholder=node_class.title if node_class else node.class_type,
        help="Changes only the displayed title. Records and the command line's `--set NODE.PARAMETER=VALUE` use the "
        "node's id.",
        on_change=_rename,
        args=(node_id, key),
    )


def _rename(node_id: str, key: str) -> None:
    if not is_crossing(key):
        run_command(draft.change, edit.rename_node, node_id, st.session_state[key].strip())
