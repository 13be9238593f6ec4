"""The run that a page shows: in the URL, kept by each tab from page to page, and never changed by another user."""

import json
from dataclasses import replace

import pytest

from pages.components.shell import shown_run
from pipeline.studio.run import training

TRAIN, INSPECT, GENERATE = "pages/2_Train.py", "pages/3_Inspect.py", "pages/4_Generate.py"


@pytest.fixture
def older(run, trainer, small):
    """The id of a stored run; another one, which Bob trains, is loaded."""
    training.start(trainer, small(), "Bob", switch=True)
    yield run
    training.pause(trainer, trainer.snapshot, "Bob")


def written_into_url(browser):
    """The run that the page's component writes into a URL without one."""
    data = [json.loads(each.proto.json) for each in browser.app.get("bidi_component") if "run in the URL" in str(each)]
    return next((each["run"] for each in data), "")


@pytest.mark.parametrize("page", [TRAIN, INSPECT])
def test_a_run_opened_by_a_link_is_shown_by_the_pages_visited_next(page, older, trainer, browser):
    browser.open(TRAIN, run=older)
    browser.open(page)
    assert "shown as it was stored" in browser.words
    assert written_into_url(browser) == older != trainer.snapshot.run


def test_a_page_keeps_its_run_when_another_user_starts_one_and_offers_that(run, trainer, small, browser):
    browser.open(TRAIN)
    training.start(trainer, small(), "Bob", switch=True)
    browser.look()
    assert "shown as it was stored" in browser.words and browser.state == "paused"
    label = browser.app.button(key="show_current").label
    assert "is being trained now: show it" in label
    browser.click("show_current")
    assert browser.state == "running" and browser.app.query_params == {"run": trainer.snapshot.run}
    assert not any(button.key == "show_current" for button in browser.app.button)


def test_two_tabs_show_two_runs(older, trainer, browser, another_browser):
    browser.open(TRAIN, run=older)
    another_browser.open(TRAIN)
    assert (browser.look().state, another_browser.look().state) == ("paused", "running")
    assert written_into_url(another_browser.open(INSPECT)) == trainer.snapshot.run
    assert written_into_url(browser.open(INSPECT)) == older


def test_the_latest_run_is_shown_and_gets_into_the_url_by_its_id(older, trainer, browser):
    browser.open(TRAIN, run="latest")
    assert browser.state == "running" and written_into_url(browser) == trainer.snapshot.run


def test_home_and_data_carry_the_run_of_their_url(older, trainer, browser):
    browser.open("Home.py", run=older)
    browser.open("pages/7_Data.py")
    assert written_into_url(browser) == older
    assert "shown as it was stored" in browser.open(TRAIN).words


def test_an_unknown_run_in_the_url_is_an_error_and_changes_nothing(older, browser):
    browser.open(TRAIN, run=older)
    assert "There is no run 'nothing'" in browser.open(TRAIN, run="nothing").errors
    assert "There is no run" not in browser.open("Home.py", run="nothing").errors
    assert "shown as it was stored" in browser.open(TRAIN).words


def test_a_run_picked_on_generate_is_shown_by_the_next_page_and_an_older_url_is_followed(
    older, trainer, browser, monkeypatch
):
    browser.open(GENERATE)
    browser.app.selectbox(key="picked_run").set_value(older)
    assert browser.look().app.query_params == {"run": older}
    assert "shown as it was stored" in browser.open(INSPECT).words
    # As if the time had passed in which the URL of before the choice may still arrive.
    monkeypatch.setattr(shown_run, "_GUARD", replace(shown_run._GUARD, seconds=0.0))
    browser.open(GENERATE, run=trainer.snapshot.run)
    assert browser.app.selectbox(key="picked_run").value == trainer.snapshot.run
