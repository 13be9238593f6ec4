import pytest

from pages.components.run.debug_controls import updates_sentence
from pipeline.graph import document
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio import workflows


@pytest.fixture
def told(new_run):
    """`told(template, counters)`: the sentence for a run of the template with these update counts."""

    def sentence(template, counters):
        record = new_run(workflow_text=document.write(workflows.open_template(template)))
        return updates_sentence(record, Snapshot(updates=counters))

    return sentence


def test_every_update_of_a_step_is_named_with_its_count(told):
    counted = {"d_updates": 1200, "g_updates": 1}
    assert told("dcgan", counted) == "discriminator updated 1,200 times, generator 1 time"


def test_there_is_no_sentence_for_a_stored_run_or_a_single_update(told):
    assert told("dcgan", {}) == ""
    assert told("vae", {"updates": 5}) == ""
