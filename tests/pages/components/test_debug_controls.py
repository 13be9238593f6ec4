import pytest

from pages.components.run.debug_controls import updates_sentence, width_of
from pipeline.graph import document
from pipeline.runtime.messages import Snapshot
from pipeline.studio import workflows


@pytest.fixture
def told(new_run):
    """`told(template, counters)`: what is said of a run of the template whose updates were counted so."""

    def sentence(template, counters):
        record = new_run(workflow_text=document.write(workflows.open_template(template)))
        return updates_sentence(record, Snapshot(updates=counters))

    return sentence


def test_every_update_of_a_step_is_told_with_its_count(told):
    counted = {"d_updates": 1200, "g_updates": 1}
    assert told("dcgan", counted) == "discriminator updated 1,200 times, generator 1 time"


def test_of_a_run_that_is_not_loaded_and_of_one_that_has_one_update_nothing_is_told(told):
    assert told("dcgan", {}) == ""
    assert told("vae", {"updates": 5}) == ""


@pytest.mark.parametrize(("label", "width"), [("Discriminator only", 190), ("Generator only", 165)])
def test_a_button_is_as_wide_as_its_words(label, width):
    assert width_of(label) == width
