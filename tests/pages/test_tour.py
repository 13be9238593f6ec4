"""The first tour, the help, and the way from Home to images with their scores."""

import pytest

from pages.components.shell.keys import KEYS
from pages.components.shell.page_paths import INSPECT, PAGES, TRAIN, WORKFLOW
from pipeline.studio.tour import STEPS


def panel(browser):
    return next((text for text in browser.markdown if text.startswith("**Tour, ")), "")


def test_the_tour_is_offered_on_home_until_it_is_declined(shared_home, browser):
    assert browser.look().has("take_tour")
    assert not browser.click("no_tour").has("take_tour")
    assert not panel(browser)
    assert browser.app.session_state["browser_remembers"] == {"tour": "over"}


def test_the_tour_leads_through_five_steps_on_any_page(shared_home, browser):
    assert panel(browser.look().click("take_tour")) == "**Tour, 1 of 5: Start**"
    assert "Not done yet." in browser.words
    assert browser.app.button(key="tour_previous").disabled
    assert panel(browser.open(TRAIN)) == "**Tour, 1 of 5: Start**"
    assert "Go to Home" in [link.label for link in browser.app.page_link]
    for number, step in enumerate(STEPS[1:], 2):
        assert panel(browser.click("tour_next")) == f"**Tour, {number} of 5: {step.title}**"
    assert panel(browser.click("tour_previous")) == "**Tour, 4 of 5: Break it**"
    assert not panel(browser.click("tour_skip"))


def test_the_tour_says_when_a_step_is_done(trainer, run, browser):
    browser.look().click("take_tour").open(TRAIN, run=run)
    assert "Done. Go on when you like." in browser.words


def test_a_browser_that_remembers_the_tour_continues_it(shared_home, browser):
    browser.app.session_state["browser_memories"] = {"tour": "3"}
    assert panel(browser.look()) == "**Tour, 3 of 5: Walk one step**"
    assert not browser.has("take_tour")


def test_an_unknown_number_of_a_step_is_the_last_one(shared_home, browser):
    browser.app.session_state["browser_memories"] = {"tour": "77"}
    assert panel(browser.look()) == "**Tour, 5 of 5: Mend it**"
    assert not panel(browser.click("tour_next"))


@pytest.mark.parametrize("page", [WORKFLOW, INSPECT])
def test_the_help_lists_the_keys_of_its_page_the_pages_and_the_tour(page, shared_home, browser):
    browser.open(page).click("help")
    for key in KEYS[page]:
        assert f"| {key.does} |" in browser.words
    assert {page.purpose for page in PAGES.values()} <= {
        link.label.partition(":** ")[2] for link in browser.app.page_link
    }
    assert panel(browser.click("tour_again")) == "**Tour, 1 of 5: Start**"


def test_the_help_shows_a_section_of_the_readme(shared_home, browser):
    browser.look().click("help").app.selectbox(key="manual").select("The debugger")
    assert "Genscope treats training as a program to be debugged." in browser.look().words


def test_from_home_to_images_and_their_scores_it_takes_one_click(trainer, browser, wait_for):
    browser.look().click("start_default")
    wait_for(lambda: trainer.snapshot.samples and trainer.snapshot.reals and trainer.snapshot.step > 0)
    browser.look()
    alternatives = {image.alt for element in browser.app.image for image in element.proto.imgs}
    assert "Grid of real training images" in alternatives
    assert any(each.startswith("Grid of generated images after") for each in alternatives)
    wait_for(lambda: "Discriminator score" in {chart.title for chart in browser.look().charts})
