"""Drafts come back exactly as they were, within their limits."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors.workflow import DraftTooLarge, UnreadableDraft
from pipeline.graph import edit
from pipeline.graph.edit import UndoHistory
from pipeline.graph.workflow import NodeData, Workflow
from pipeline.nodes.catalogue import NODES
from pipeline.runs import drafts as shelf
from pipeline.studio import drafts, workflows
from pipeline.studio.drafts import SOURCES, Draft, Opened

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
nodes = st.builds(NodeData, st.text(max_size=5), st.dictionaries(st.text(max_size=3), values, max_size=3), st.text())
graphs = st.builds(
    Workflow, st.text(max_size=5), st.dictionaries(st.text(max_size=3), nodes, max_size=4), st.text(max_size=5)
)


@st.composite
def any_draft(draw: st.DrawFn) -> Draft:
    steps = draw(st.lists(graphs, min_size=1, max_size=6))
    place = draw(st.integers(0, len(steps) - 1))
    history = UndoHistory(steps[place], tuple(steps[:place]), tuple(steps[place + 1 :]))
    origin = st.tuples(st.tuples(st.sampled_from(SOURCES), st.text(max_size=3)), st.sampled_from(steps))
    origins = dict([(("template", "first"), steps[0]), *draw(st.lists(origin, max_size=3))])
    opened = (Opened(steps[0]), *draw(st.lists(st.builds(Opened, st.sampled_from(steps), st.text(), st.booleans()))))
    return Draft(history, origins, opened, draw(st.text(max_size=3)))


def edited(steps: int) -> Draft:
    """A draft of dcgan with so many edits of its batch size."""
    template = workflows.open_template("dcgan")
    history = UndoHistory(template)
    for number in range(1, steps + 1):
        history = history.push(edit.set_parameter(history.present, "training", "batch_size", number, NODES))
    return Draft(history, {("template", "dcgan"): template}, (Opened(template),), "training", shelf.new_draft_id())


@settings(max_examples=50)
@given(any_draft())
def test_any_draft_is_read_as_it_was_written(draft: Draft):
    assert drafts.decode(json.loads(drafts.encode(draft))) == draft
    # Equal in Python is not the same in a workflow: 1, 1.0 and true.
    assert drafts.encode(drafts.decode(json.loads(drafts.encode(draft)))) == drafts.encode(draft)


@settings(max_examples=50)
@given(any_draft(), st.integers(0, 4))
def test_a_shorter_history_knows_where_the_workflow_is_from(draft: Draft, steps: int):
    shorter = draft.bounded(steps)
    assert (shorter.workflow, shorter.origin, shorter.descent) == (draft.workflow, draft.origin, draft.descent)
    assert len(shorter.history.past) <= steps + 2
    assert shorter.history.future == draft.history.future
    assert shorter.bounded(steps) == shorter


def test_a_long_history_loses_its_oldest_steps_but_not_what_was_opened():
    draft = edited(250)
    history = draft.bounded().history
    assert [step.nodes["training"].inputs["batch_size"] for step in history.past[1:]] == [*range(150, 250)]
    assert history.past[0] == workflows.open_template("dcgan")


def test_a_hundred_edits_take_little_room():
    assert len(drafts.encode(edited(100))) < 80_000


def test_a_kept_draft_is_opened_with_its_facts(tmp_path: Path):
    draft, branched = drafts.keep(tmp_path, edited(3), "Ada")
    assert (draft.version, branched) == (1, False)
    assert drafts.open_draft(tmp_path, draft.id) == draft
    (record,), _ = shelf.drafts(tmp_path)
    assert (record.name, record.who, record.edits, record.saved) == ("dcgan", "Ada", 3, False)


def test_two_browsers_with_one_draft_keep_both(tmp_path: Path):
    mine, _ = drafts.keep(tmp_path, edited(3), "Ada")
    theirs, _ = drafts.keep(tmp_path, replace(mine, history=mine.history.undo()), "Bo")
    assert drafts.keep(tmp_path, replace(mine, selected="data"), "Ada", branch=False)[1] is False
    branch, branched = drafts.keep(tmp_path, replace(mine, history=mine.history.push(Workflow("x", {}))), "Ada")
    assert branched and branch.id != mine.id
    assert drafts.open_draft(tmp_path, mine.id) == theirs
    assert drafts.open_draft(tmp_path, branch.id) == branch


def test_a_large_history_is_cut_to_what_fits_and_a_workflow_that_does_not_fit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(drafts, "LARGEST_DRAFT", 20_000)
    large = edited(100)
    draft, _ = drafts.keep(tmp_path, large, "")
    assert 10 < len(draft.history.past) < 100
    assert draft.workflow == large.workflow and draft.origin == large.origin
    assert drafts.open_draft(tmp_path, draft.id) == draft
    monkeypatch.setattr(drafts, "LARGEST_DRAFT", 1_000)
    with pytest.raises(DraftTooLarge, match=r"'dcgan' is larger than 1\.0 kB"):
        drafts.keep(tmp_path, large, "")


@pytest.mark.parametrize(
    "content",
    [
        "null", "[]", "{}", '{"nodes": [{"class_type": 1, "inputs": {}}], "workflows": []}',
        '{"nodes": [{"class_type": "A", "inputs": []}], "workflows": []}',
        '{"nodes": [], "workflows": [["a", "", {}]], "past": [], "present": 5, "future": []}',
        '{"nodes": [], "workflows": [["a", "", {}]], "past": [], "present": 0, "future": [], "origins": [], '
        '"opened": [], "selected": ""}',
    ],
)  # fmt: skip
def test_content_that_is_no_draft_is_refused(tmp_path: Path, content: str):
    record = shelf.write(tmp_path, shelf.DraftRecord(shelf.new_draft_id()), content)
    with pytest.raises(UnreadableDraft):
        drafts.open_draft(tmp_path, record.id)
