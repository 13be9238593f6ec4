"""Read and write workflows: JSON files, and PNG pictures that contain the workflow they were made with.

A file is `{"format_version": 1, "name": ..., "description": ..., "prompt": {node id: node}}`; a bare map of nodes, as
ComfyUI writes it, is read too. A node is `{"class_type", "inputs", "_meta": {"title", "bypass"}}`; other keys are
passed over.
Files are untrusted, so their format and size are checked here, and names and titles lose their control characters;
`check.py` checks their meaning, such as unknown node types.
"""

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.errors.workflow import UnreadableDocument
from pipeline.formatting import shortened, without_controls
from pipeline.graph.png import InvalidPNG, texts
from pipeline.graph.workflow import Json, NodeData, Workflow

FORMAT_VERSION = 1
LARGEST_FILE = 2_000_000
"""Maximum size of a workflow file, in bytes; 500 nodes take a tenth of this."""
DEEPEST_NESTING = 32
MOST_NODES = 500
MOST_INPUTS = 64
LONGEST_NAME = 200
"""Maximum number of characters of a name, a title or a node id."""
LARGEST_INTEGER = 2**63 - 1

REMEDY = "Choose a file that Genscope saved, or one in ComfyUI's API format."


def read(text: str | bytes, source: str) -> Workflow:
    """The workflow in a JSON document. `source` names it in messages. Raises UnreadableDocument."""
    try:
        return _workflow(_parse(text))
    except _Unreadable as fault:
        raise UnreadableDocument(source, fault.reason, fault.remedy) from None


def write(workflow: Workflow) -> str:
    """The workflow as a JSON document. Deterministic; `read` returns an equal workflow."""
    document: dict[str, Any] = {"format_version": FORMAT_VERSION, "name": workflow.name}
    if workflow.description:
        document["description"] = workflow.description
    document["prompt"] = _prompt(workflow)
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def read_png(picture: bytes, source: str = "The picture") -> Workflow:
    """The workflow in the text chunk `prompt` of a PNG picture. Raises UnreadableDocument."""
    remedy = "Choose a sample grid that Genscope saved as PNG."
    try:
        found = texts(picture)
    except InvalidPNG as fault:
        raise UnreadableDocument(source, str(fault), remedy) from None
    if "prompt" not in found:
        lost = "the picture contains no workflow; programs that edit or send pictures drop it"
        raise UnreadableDocument(source, lost, remedy)
    return read(found["prompt"], source)


def png_texts(
    workflow: Workflow, run: str, step: int, seed: int, version: str, facts: Mapping[str, Json] | None = None
) -> dict[str, str]:
    """Text chunks for a PNG picture, in ASCII: the workflow document, and the run, step, seed and version, with further
    facts about how it was drawn."""
    return {
        "prompt": json.dumps(json.loads(write(workflow))),
        "training": json.dumps({"run": run, "step": step, "seed": seed, "version": version, **(facts or {})}),
    }


class _NoNumber:
    """Stands in a document for a number that cannot be one. It matters only where it is used: ComfyUI writes NaN into
    keys of its own. what: the end of a sentence on it."""

    def __init__(self, what: str) -> None:
        self.what = what


class _Unreadable(Exception):
    """Why a document cannot be read; `read` turns it into an UnreadableDocument that names the source."""

    def __init__(self, reason: str, remedy: str = REMEDY) -> None:
        self.reason = reason
        self.remedy = remedy


def _parse(text: str | bytes) -> Json:
    """The JSON value of a document, with a _NoNumber for NaN and for huge numbers. Strict: no duplicate keys, no deep
    nesting."""
    if len(text) > LARGEST_FILE:
        raise _Unreadable(f"it is larger than {LARGEST_FILE // 1_000_000} MB")
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8-sig")
        value: Json = json.loads(
            text,
            object_pairs_hook=_unique_keys,
            parse_constant=_no_constant,
            parse_int=_integer,
            parse_float=_finite,
        )
        json.dumps(value, ensure_ascii=False, default=str).encode()
    except json.JSONDecodeError as fault:
        raise _Unreadable(f"it is not JSON (line {fault.lineno}, column {fault.colno}: {fault.msg})") from None
    except UnicodeError:
        raise _Unreadable("it is not UTF-8 text") from None
    except RecursionError:
        raise _Unreadable("it is nested too deeply") from None
    if _depth(value) > DEEPEST_NESTING:
        raise _Unreadable("it is nested too deeply")
    return value


def _unique_keys(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    unique: dict[str, Json] = {}
    for key, value in pairs:
        if key in unique:
            raise _Unreadable(f"it has the key {key[:LONGEST_NAME]!r} twice")
        unique[key] = value
    return unique


def _no_constant(constant: str) -> _NoNumber:
    return _NoNumber(f"contains {constant}, which is not a number")


def _integer(digits: str) -> int | _NoNumber:
    # Converting a very long number is slow, and Python refuses it with a different error.
    if len(digits) > 20 or abs(int(digits)) > LARGEST_INTEGER:
        return _NoNumber(f"contains the number {shortened(digits, 12)}, which is too large")
    return int(digits)


def _finite(digits: str) -> float | _NoNumber:
    number = float(digits)
    return number if math.isfinite(number) else _NoNumber(f"contains the number {digits[:12]}, which is too large")


def _depth(value: Json) -> int:
    return sum(1 for _ in _levels(value)) - 1


def _levels(value: Json) -> Iterator[list[Any]]:
    """The value, what is in it, what is in that, and so on."""
    level: list[Any] = [value]
    while level:
        yield level
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]


def _require_numbers(value: Json, what: str) -> None:
    for level in _levels(value):
        for each in level:
            if isinstance(each, _NoNumber):
                raise _Unreadable(f"{what} {each.what}")


def _workflow(document: Json) -> Workflow:
    if not isinstance(document, dict):
        raise _Unreadable("it is not a map of nodes")
    if isinstance(document.get("nodes"), list):
        raise _Unreadable(
            "it is a ComfyUI workflow in the format of its editor", "Export it from ComfyUI in API format."
        )
    if "prompt" not in document or _looks_like_node(document["prompt"]):
        return Workflow(name="", nodes=_nodes(document))
    version = document.get("format_version", FORMAT_VERSION)
    _require_numbers(version, "its format version")
    if not isinstance(version, int) or not 1 <= version <= FORMAT_VERSION:
        raise _Unreadable(f"its format version is {str(version)[:20]}, not {FORMAT_VERSION}", "Use a newer Genscope.")
    return Workflow(
        name=without_controls(_words(document.get("name", ""), "its name")),
        nodes=_nodes(document["prompt"]),
        description="\n".join(
            map(without_controls, _words(document.get("description", ""), "its description", longest=2_000).split("\n"))
        ),
    )


def _looks_like_node(value: Json) -> bool:
    return isinstance(value, dict) and isinstance(value.get("class_type"), str)


def _nodes(prompt: Json) -> dict[str, NodeData]:
    if not isinstance(prompt, dict):
        raise _Unreadable("its prompt is not a map of nodes")
    if not prompt:
        return {}
    if len(prompt) > MOST_NODES:
        raise _Unreadable(f"it has more than {MOST_NODES} nodes")
    return {_words(node_id, "a node id"): _node(node_id, value) for node_id, value in prompt.items()}


def _node(node_id: str, value: Json) -> NodeData:
    if not isinstance(value, dict) or not isinstance(value.get("class_type"), str):
        raise _Unreadable(f"{node_id!r} in it is not a node: a node is a map with a class_type")
    inputs, meta = value.get("inputs", {}), value.get("_meta", {})
    if not isinstance(inputs, dict) or not isinstance(meta, dict):
        raise _Unreadable(f"the inputs or the _meta of node {node_id!r} are not a map")
    if len(inputs) > MOST_INPUTS:
        raise _Unreadable(f"node {node_id!r} has more than {MOST_INPUTS} inputs")
    for name, given in inputs.items():
        _require_numbers(given, f"the input {shortened(name)!r} of node {node_id!r}")
    return NodeData(
        class_type=_words(value["class_type"], f"the class_type of node {node_id!r}"),
        inputs=inputs,
        title=without_controls(_words(meta.get("title", ""), f"the title of node {node_id!r}")),
        # ComfyUI leaves bypassed nodes out of its API format, and passes over keys of `_meta` that it does not know.
        bypassed=meta.get("bypass") is True,
    )


def _words(value: Json, what: str, longest: int = LONGEST_NAME) -> str:
    if not isinstance(value, str):
        raise _Unreadable(f"{what} is not text")
    if len(value) > longest:
        raise _Unreadable(f"{what[:60]} is longer than {longest} characters")
    return value


def _prompt(workflow: Workflow) -> dict[str, Any]:
    return {
        node_id: {
            "class_type": node.class_type,
            "inputs": dict(node.inputs),
            **({"_meta": meta} if (meta := _meta(node)) else {}),
        }
        for node_id, node in workflow.nodes.items()
    }


def _meta(node: NodeData) -> dict[str, Any]:
    return ({"title": node.title} if node.title else {}) | ({"bypass": True} if node.bypassed else {})
