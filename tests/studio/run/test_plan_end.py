"""What the Train page says of schedules that end before the run does."""

from dataclasses import replace

import pytest

from pipeline.graph import document, edit
from pipeline.nodes.catalogue import NODES
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio.run.plan_end import plan_notice
from pipeline.studio.workflows import open_template


@pytest.fixture
def record(new_run):
    workflow = edit.apply_settings(open_template("mlp-gan"), ["training.total_steps=20"], NODES)
    for role in ("generator", "discriminator"):
        workflow, _ = edit.insert_node(workflow, "LearningRateSchedule", f"{role}_optimizer", NODES)
    return new_run(workflow_text=document.write(workflow))


def test_a_run_within_its_plan_needs_no_word(store, record):
    assert plan_notice(store, record, Snapshot(step=5, total_steps=20)) == ""


def test_a_run_at_the_end_of_its_schedules_is_told_that_training_on_changes_nothing(store, record):
    notice = plan_notice(store, record, Snapshot(step=20, total_steps=20))
    assert "training on changes nothing" in notice and "End factor of" in notice


def test_a_run_that_was_extended_beyond_its_schedules_is_told_before_it_gets_there(store, record):
    assert "beyond that step changes nothing" in plan_notice(store, record, Snapshot(step=5, total_steps=40))


def test_a_raised_end_factor_ends_the_notice(store, record):
    live = {"learning_rate_schedule.end_factor": 0.1, "learning_rate_schedule_2.end_factor": 0.1}
    assert plan_notice(store, record, replace(Snapshot(step=20, total_steps=40), live=live)) == ""
