"""The shares of the time of each stage, in the words of the run's family."""

import pytest

from pipeline.graph import document
from pipeline.runs import stage_times
from pipeline.runs.stage_times import AUGMENT, DRAW, WAIT, StageTime
from pipeline.studio import workflows
from pipeline.studio.stages.stage_shares import StageShare, stage_shares

TIMES = (
    StageTime("generator", "gradients", 40.0, 20),
    StageTime("discriminator", DRAW, 10.0, 20),
    StageTime("discriminator", AUGMENT, 2.0, 10),
    StageTime("discriminator", "gradients", 47.0, 20),
    StageTime("", WAIT, 1.0, 4),
)


@pytest.fixture
def record(store, new_run):
    return new_run(workflow_text=document.write(workflows.open_template("dcgan")))


def kept(store, record, times):
    store.files(record.id).make()
    stage_times.save(store.files(record.id), times)
    return stage_shares(store, record)


def test_a_run_that_was_not_measured_has_none(store, record):
    assert stage_shares(store, record) is None
    assert kept(store, record, (StageTime("", WAIT, 0.0, 1),)) is None


def test_each_stage_has_its_share_and_its_mean(store, record):
    assert kept(store, record, TIMES).rows == (
        StageShare("Generator", "Gradients", 0.4, 2000.0),
        StageShare("Discriminator", "Draw real images", 0.1, 500.0),
        StageShare("Discriminator", "Augment real images", 0.02, 200.0),
        StageShare("Discriminator", "Gradients", 0.47, 2350.0),
        StageShare("", "Wait for the device", 0.01, 250.0),
    )


def test_the_sentence_adds_stages_of_one_name(store, record):
    assert kept(store, record, TIMES).sentence == (
        "12 % of the time in data · mostly gradients (87 %) · counted over 1 min 40 s"
    )


@pytest.mark.parametrize(("seconds", "words"), [(0.0, "0 %"), (0.5, "under 1 %"), (1.0, "1 %")])
def test_a_small_share_is_not_called_none(store, record, seconds, words):
    times = (StageTime("generator", "loss", 100.0 - seconds, 1), StageTime("generator", DRAW, seconds, 1))
    assert kept(store, record, times).sentence.startswith(f"{words} of the time in data · mostly loss")
