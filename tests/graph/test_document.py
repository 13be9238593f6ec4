import json
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from pipeline.errors.workflow import UnreadableDocument
from pipeline.graph.document import LARGEST_FILE, MOST_INPUTS, MOST_NODES, png_texts, read, read_png, write
from pipeline.graph.workflow import NodeData, Workflow

NODE = {"class_type": "Ruler", "inputs": {"metres": 2}}


def refusal(text):
    with pytest.raises(UnreadableDocument) as caught:
        read(text, "lengths.json")
    return str(caught.value)


def test_reading_a_written_workflow_returns_it(workflow):
    assert read(write(workflow), "lengths.json") == workflow


def test_a_title_name_and_description_in_any_script_survive():
    workflow = Workflow("数字", {"a": NodeData("Ruler", {"unit": "µm"}, "Maß 📏")}, "Erste Übung")
    assert read(write(workflow).encode(), "x.json") == workflow


def test_a_bare_map_of_nodes_is_read():
    workflow = read(json.dumps({"3": {**NODE, "_meta": {"title": "Mine"}}}), "api.json")
    assert workflow.nodes == {"3": NodeData("Ruler", {"metres": 2}, "Mine")}


def test_a_node_may_be_called_prompt():
    assert list(read(json.dumps({"prompt": NODE}), "api.json").nodes) == ["prompt"]


def test_reading_accepts_unknown_node_types():
    assert read(json.dumps({"1": {"class_type": "KSampler", "inputs": {}}}), "x").nodes["1"].class_type == "KSampler"


def test_a_byte_order_mark_does_not_matter(workflow):
    assert read(b"\xef\xbb\xbf" + write(workflow).encode(), "x") == workflow


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not JSON (line 1, column 1"),
        ("{", "not JSON"),
        ("[1, 2]", "not a map of nodes"),
        ("3", "not a map of nodes"),
        ("null", "not a map of nodes"),
        (b"\xff\xfe\x00", "not UTF-8"),
        ('{"prompt": {"a": {"class_type": "\\ud800"}}}', "not UTF-8"),
        ('{"a": {"class_type": "R", "inputs": {"x": NaN}}}', "contains NaN"),
        ('{"a": {"class_type": "R", "inputs": {"x": -Infinity}}}', "contains -Infinity"),
        ('{"a": {"class_type": "R", "inputs": {"x": 1e999}}}', "too large"),
        ('{"a": {"class_type": "R", "inputs": {"x": 9223372036854775808}}}', "too large"),
        ('{"a": {"class_type": "R", "inputs": {"x": ' + "9" * 10_000 + "}}}", "too large"),
        ('{"a": {"class_type": "R"}, "a": {"class_type": "R"}}', "the key 'a' twice"),
        ("[" * 40 + "]" * 40, "nested too deeply"),
        ("[" * 500_000, "nested too deeply"),
        ('{"a":' * 200_000, "nested too deeply"),
        (" " * (LARGEST_FILE + 1), "larger than 2 MB"),
        ('{"a": 3}', "'a' in it is not a node"),
        ('{"a": {"class_type": 3}}', "'a' in it is not a node"),
        ('{"a": {"class_type": "R", "inputs": []}}', "not a map"),
        ('{"a": {"class_type": "R", "_meta": []}}', "not a map"),
        ('{"a": {"class_type": "R", "_meta": {"title": 3}}}', "not text"),
        ('{"prompt": []}', "prompt is not a map"),
        ('{"prompt": {}, "name": 3}', "name is not text"),
        ('{"prompt": {}, "name": "' + "n" * 201 + '"}', "longer than 200"),
        ('{"prompt": {}, "format_version": 2}', "format version is 2"),
        ('{"prompt": {}, "format_version": "new"}', "format version is new"),
        ('{"last_node_id": 9, "nodes": [], "links": []}', "format of its editor"),
        (json.dumps({str(number): NODE for number in range(MOST_NODES + 1)}), "more than 500 nodes"),
        (json.dumps({"a": {"class_type": "R", "inputs": dict.fromkeys(map(str, range(MOST_INPUTS + 1)))}}), "inputs"),
    ],
    ids=range(30),
)
def test_invalid_documents_are_refused_with_the_reason(text, reason):
    sentence = refusal(text)
    assert reason in sentence
    assert sentence.startswith("lengths.json is not a workflow: ")
    assert len(sentence) < 500


@given(st.text() | st.binary())
def test_reading_raises_only_unreadable_document(text):
    with suppress(UnreadableDocument):
        read(text, "x")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["prompt", "class_type", "inputs", "_meta", "title", "nodes", "name", "a"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(json_values)
def test_any_json_that_is_read_can_be_written_and_read_again(value):
    try:
        workflow = read(json.dumps(value), "x")
    except UnreadableDocument:
        return
    assert read(write(workflow), "x") == workflow


def picture(chunks):
    info = PngImagePlugin.PngInfo()
    for keyword, text in chunks.items():
        info.add_text(keyword, text)
    out = BytesIO()
    Image.new("L", (2, 2)).save(out, "PNG", pnginfo=info)
    return out.getvalue()


def test_a_picture_restores_the_workflow_it_was_made_with(workflow):
    chunks = png_texts(workflow, run="20260101-000000-abcdef", step=40, seed=3, version="1.0")
    assert json.loads(chunks["training"]) == {"run": "20260101-000000-abcdef", "step": 40, "seed": 3, "version": "1.0"}
    assert read_png(picture(chunks)) == workflow


def test_a_picture_of_comfyui_is_read_like_its_file():
    assert list(read_png(picture({"prompt": json.dumps({"3": NODE}), "workflow": "{}"})).nodes) == ["3"]


@pytest.mark.parametrize("content", [b"", b"GIF89a", picture({}), picture({"prompt": "{}"})[:40]])
def test_a_picture_without_a_workflow_is_refused(content):
    with pytest.raises(UnreadableDocument, match=r"grid\.png is not a workflow"):
        read_png(content, "grid.png")


def test_numbers_that_are_none_are_refused_only_where_they_are_used(workflow):
    """ComfyUI writes `is_changed: [NaN]` beside the inputs of a node."""
    text = write(workflow)
    changed = text.replace('"class_type"', f'"is_changed": [NaN, 1e999, {"9" * 5000}], "class_type"')
    changed = changed.replace('"prompt"', '"extra": {"scale": Infinity}, "prompt"', 1)
    assert read(changed, "x") == workflow
    sentence = refusal('{"a": {"class_type": "R", "inputs": {"rate": [1, {"x": NaN}]}}}')
    assert "the input 'rate' of node 'a' contains NaN" in sentence


def test_names_and_titles_lose_their_control_characters():
    name = "two\nlines \x1b[31mred\x1b[0m\r\x07\x85 \u202eleft\u2066"
    node = {"class_type": "R", "_meta": {"title": "a\tb\x1b]0;c\x07"}}
    opened = read(json.dumps({"name": name, "description": "one\ntwo\x1b[2J", "prompt": {"a": node}}), "x")
    assert (opened.name, opened.description) == ("two lines red left", "one\ntwo")
    assert opened.nodes["a"].title == "a b ]0;c"
    assert read(write(opened), "x") == opened
