"""What the queue does, in a sentence."""

import os
from datetime import datetime

import pytest

from pipeline.errors.workflow import InvalidWorkflow
from pipeline.graph.workflow import NodeData
from pipeline.runs import queue, queue_changes
from pipeline.runs.lock import RunLock
from pipeline.runs.queue_changes import Waiting
from pipeline.runs.queue_turn import turn_now
from pipeline.runtime.address import Address, Note
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio.queue.adding import add_workflow
from pipeline.studio.queue.engine_state import engine_state
from pipeline.studio.queue.queue_view import queue_view
from pipeline.studio.workflows import open_template

NOW = datetime(2030, 1, 30, 12, 0).timestamp()
IDLE = Snapshot(engine="ready")


def said(store, snapshot=IDLE) -> str:
    return queue_view(store, snapshot, NOW).sentence


def add(store, name="a", **facts) -> str:
    return queue_changes.add(store, [Waiting(name, "{}")], "Ada", **facts)[0]


def test_the_sentence_says_what_the_next_run_waits_for(store):
    assert said(store) == "No run waits."
    entry = add(store, not_before=NOW + 1800)
    assert said(store) == "1 run waits. 'a' starts at 12:30."
    add(store, "b")
    assert said(store) == "2 runs wait. 'b' starts next."
    assert (
        said(store, None)
        == said(store, Snapshot(engine="gone", state="running"))
        == ("2 runs wait. The next one starts when a server is up, or with `python -m pipeline queue work`.")
    )
    loaded = {"engine": "ready", "run": "x", "name": "dcgan"}
    assert said(store, Snapshot(state="running", **loaded)) == (
        "2 runs wait. The next one starts when 'dcgan' has ended."
    )
    assert "waits for 'dcgan', which is paused" in said(store, Snapshot(state="paused", **loaded))
    assert said(store, Snapshot(state="building", doing="Reading images 3 of 10", **loaded)) == (
        "2 runs wait. Reading images 3 of 10."
    )
    queue_changes.hold(store, [entry, queue.entries(store)[1].id])
    assert said(store) == "2 runs wait, and all are held."
    queue_changes.hold_all(store, "Ada")
    assert said(store).startswith("2 runs wait. The queue is held by Ada since ")


def test_rows_show_what_became_of_an_entry_and_why(store, new_run):
    ids = [add(store, name) for name in "abcd"]
    with turn_now(store, ids[3]):
        assert queue_view(store, IDLE, NOW).rows[0].state == "preparing"
    queue.let_go(store, ids[3])
    for _ in ids[:3]:
        queue.take(store, NOW)
    queue.refuse(store, ids[0], "Batch size is 0.")
    queue.became(store, ids[1], new_run().id)
    queue.became(store, ids[2], new_run().id)
    store.update(queue.entry(store, ids[1]).run, state="failed", error="A node failed.")
    store.update(queue.entry(store, ids[2]).run, state="running", step=7)
    with RunLock(store.files(queue.entry(store, ids[2]).run)):
        rows = queue_view(store, IDLE, NOW).rows
    assert [(row.state, row.why, row.number) for row in rows] == [
        ("refused", "Batch size is 0.", None), ("failed", "A node failed.", None), ("training", "", None),
        ("waiting", "", 1),
    ]  # fmt: skip
    assert [row.can_be_retried for row in rows] == [True, True, False, False]
    view = queue_view(store, IDLE, NOW)
    assert view.ended == 2
    # Its process has died, and nobody has recorded it yet.
    assert view.rows[2].state == "interrupted"


def test_the_state_of_an_engine_is_found_without_asking_it(store, new_run, sockets_apart):
    assert engine_state(store) is None
    address = Address(store.home, "train")
    address.open()
    Note(os.getpid(), "00").write(address.note)
    run = new_run(name="mine")
    new_run(name="not loaded")
    assert engine_state(store).state == "idle"
    with RunLock(store.files(run.id)):
        assert (engine_state(store).state, engine_state(store).name) == ("paused", "mine")
        store.update(run.id, state="running")
        assert engine_state(store).state == "running"


def test_a_workflow_that_cannot_be_trained_is_not_added(store):
    workflow = open_template("mlp-gan")
    for changed, kind in (
        ({**workflow.nodes["training"].inputs, "batch_size": 0}, InvalidWorkflow),
        ({**workflow.nodes["training"].inputs, "steps": 3}, InvalidWorkflow),
    ):
        node = NodeData(workflow.nodes["training"].class_type, changed)
        with pytest.raises(kind):
            add_workflow(store, type(workflow)("w", {**workflow.nodes, "training": node}), "Ada")
    assert queue.entries(store) == []
    entry = add_workflow(store, workflow, "Ada", name="  by name  ")
    assert queue.entry(store, entry).name == "by name"
