import numpy as np
import pytest

from pipeline.runs import metrics
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio.charts import chart_annotations


@pytest.fixture
def run(store, new_run):
    """Four steps of half a second each."""
    run = new_run()
    metrics.append(store, run.id, 1, ["D_loss", "seconds"], [[1, 0.5], [2, 1], [3, 1.5], [4, 2]])
    return run


def change(store, run, step, who="Ada"):
    store.add_event(run.id, step, "parameter changed", "penalty.weight changed from 10 to 5", who)


@pytest.mark.parametrize(("x", "place"), [("step", 2), ("epoch", 0.02), ("time", 1.0)])
def test_a_change_is_marked_at_its_step_with_its_author(store, run, x, place):
    change(store, run, 2)
    change(store, run, 2, who="")
    text = "penalty.weight changed from 10 to 5"
    assert chart_annotations.marks(store, run, x).to_pylist() == [
        {"x": place, "label": f"{text} (Ada)", "kind": "Live change"},
        {"x": place, "label": text, "kind": "Live change"},
    ]


def test_only_events_that_alter_a_run_are_marked(store, run):
    kinds = ["started", "resumed", "forked", "parameter changed", "updated", "went back", "stopped", "paused", "saved",
             "failed", "finished", "interrupted", "images changed"]  # fmt: skip
    for kind in kinds:
        store.add_event(run.id, 1, kind, kind, "")
    found = chart_annotations.marks(store, run, "step").to_pylist()
    assert {mark["label"]: mark["kind"] for mark in found} == chart_annotations.MARKED
    assert chart_annotations.MARKED.keys() == {
        "forked", "parameter changed", "updated", "went back", "stopped", "images changed",
    }  # fmt: skip


def test_only_the_newest_of_many_events_are_marked(store, run):
    for step in range(chart_annotations.MOST + 50):
        change(store, run, step)
    steps = chart_annotations.marks(store, run, "step")["x"].to_pylist()
    assert steps == list(range(50, chart_annotations.MOST + 50))


@pytest.mark.parametrize("x", ["step", "epoch", "time"])
def test_a_change_before_the_first_step_is_marked_at_the_start(store, run, new_run, x):
    fresh = new_run()
    for each in (run, fresh):
        change(store, each, 0)
        assert chart_annotations.marks(store, each, x)["x"].to_pylist() == [0]


def test_a_fork_is_marked_at_its_parents_training_time(store, run, new_run):
    fork = new_run(parent=run.id, parent_step=3)
    store.add_event(fork.id, 3, "forked", "Forked from digits at step 3", "")
    for _ in range(2):
        assert chart_annotations.marks(store, fork, "time")["x"].to_pylist() == [1.5]
        metrics.append(store, fork.id, 4, ["D_loss", "seconds"], [[4, 2.5]])


def test_a_run_without_changes_has_no_marks(store, run):
    assert chart_annotations.marks(store, run, "time").num_rows == 0


@pytest.mark.parametrize(("x", "place"), [("step", 2), ("epoch", 0.02), ("time", 7.5)])
def test_a_rewound_run_has_a_mark_at_its_current_step(run, x, place):
    seen = Snapshot(run=run.id, step=2, head=1400, seconds=7.5)
    (mark,) = chart_annotations.current_step_mark(run, seen, x).to_pylist()
    assert mark["kind"] == chart_annotations.HERE and mark["label"] == "Here: step 2, rewound from step 1,400"
    assert mark["x"] == pytest.approx(place)


def test_a_run_that_was_not_rewound_has_no_such_mark_but_the_same_columns(store, run):
    nowhere = chart_annotations.current_step_mark(run, Snapshot(run=run.id, step=4, head=4), "step")
    assert nowhere.num_rows == 0 and nowhere.schema == chart_annotations.marks(store, run, "step").schema
    assert np.isfinite(chart_annotations.marks(store, run, "step")["x"].to_numpy()).all()
