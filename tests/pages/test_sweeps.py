"""The queue on the Runs page, and the form of a sweep below it."""

from pathlib import Path

import pytest

from pages.components.shell import state
from pipeline.runs import queue, queue_changes
from tests.pages.conftest import Browser


@pytest.fixture
def page(shared_home: Path, browser: Browser) -> Browser:
    """The queue, which is empty or has entries that have ended."""
    return browser.open("pages/6_Runs.py", view="queue")


def test_the_queue_is_empty_until_a_sweep_is_added_and_its_runs_are_held_moved_and_cancelled(page):
    assert "No run waits." in page.words and "The queue is empty." in page.words
    page.app.selectbox(key="sweep_source").set_value("Template mlp-gan")
    page.look().app.multiselect(key="sweep_parameters").set_value(["training.batch_size"])
    page.look().app.text_input(key="sweep grid training.batch_size").set_value("16, 32")
    page.app.text_input(key="sweep_at").set_value("2030-01-31T18:30")
    assert "2 runs." in page.look().words
    page.click("sweep_add")
    assert "2 runs wait." in page.words and page.table("Place")["Place"].tolist() == [1, 2]
    first, second = page.table("Place")["Name"]
    page.click("queue Hold the queue")
    assert "nothing starts until it is released" in page.words

    page.app.session_state["queue_chosen"] = tuple(
        entry.id for entry in queue.entries(state.store()) if entry.name == second
    )
    page.look().click("queue First")
    assert page.table("Place")["Name"].tolist() == [second, first]
    page.click("queue Cancel")
    assert page.table("Place").set_index("Name")["State"].to_dict() == {first: "waiting", second: "cancelled"}
    page.click("queue Clear what has ended").click("queue Release the queue")
    assert page.table("Place")["Name"].tolist() == [first]
    page.app.session_state["queue_chosen"] = tuple(entry.id for entry in queue.entries(state.store()))
    page.look().click("queue Cancel the sweep")
    assert page.table("Place")["State"].tolist() == ["cancelled"]


def test_values_that_the_click_on_the_button_ends_are_those_that_are_added(page):
    page.app.selectbox(key="sweep_source").set_value("Template mlp-gan")
    page.look().app.multiselect(key="sweep_parameters").set_value(["training.batch_size"])
    page.look().app.text_input(key="sweep grid training.batch_size").set_value("16, 32")
    page.look().app.text_input(key="sweep grid training.batch_size").set_value("48")
    page.app.text_input(key="sweep_at").set_value("2030-01-31T18:30")
    page.click("sweep_add")
    waiting = [entry for entry in queue.entries(state.store()) if entry.state == "waiting"]
    queue_changes.cancel(state.store(), [entry.id for entry in waiting])
    queue_changes.clear(state.store())
    assert [entry.name for entry in waiting] == ["mlp-gan, batch 48"] and waiting[0].not_before is not None


def test_a_sweep_that_cannot_be_read_says_how_to_write_it(page):
    page.app.multiselect(key="sweep_parameters").set_value(["training.batch_size"])
    page.look().app.text_input(key="sweep grid training.batch_size").set_value("many")
    page.look()
    assert "many" in page.words + page.errors and not page.has("sweep_add")
