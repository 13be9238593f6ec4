"""The Profile view of Inspect: taking a profile, its tables, chart and download, and what another browser sees."""

import gzip
import json

import pytest

from pages.components.shell import state
from pipeline.studio.inspect import profiles
from pipeline.studio.run import training

INSPECT = "pages/3_Inspect.py"


@pytest.fixture
def page(run, browser):
    """The Profile view of a paused run."""
    return browser.open(INSPECT, view="profile")


def taken(page, trainer, wait_for):
    """The page after the profile that was begun is done."""
    wait_for(lambda: trainer.snapshot.profiling is None and trainer.snapshot.state == "paused")
    return page.look()


def choice(browser):
    """The field that chooses among the profiles that are kept."""
    return next(field for field in browser.app.selectbox if field.label == "Profiled steps")


def chart(browser):
    return json.loads(browser.app.get("vega_lite_chart")[0].proto.spec)


def test_without_a_profile_it_says_what_to_do(page):
    assert "No steps of this run have been profiled yet" in page.words
    assert page.has("profile") and not page.app.dataframe and not page.app.get("vega_lite_chart")
    assert next(button.label for button in page.app.button if button.key == "profile") == "Profile 10 steps"


def test_a_profile_of_chosen_steps_is_shown_by_stage_and_by_operator(page, trainer, wait_for):
    step = trainer.snapshot.step
    page.app.number_input(key="profile_steps").set_value(3)
    page.click("profile")
    taken(page, trainer, wait_for)
    assert trainer.snapshot.step == step + 4 and not page.errors
    stages, operators = page.table("Stage"), page.table("Operator")
    assert len(stages) == 13 and stages["Stage"].iloc[-1] == "Rest of the step" and (stages["Calls"] == 3).all()
    assert stages["Share"].sum() == pytest.approx(100)
    assert len(operators) <= 30 and "aten::addmm" in set(operators["Operator"])
    assert f"Steps {step + 2} to {step + 4}" in choice(page).options[0]
    assert "A step took" in page.words and "Times are milliseconds per step" in page.words
    drawn = chart(page)
    assert drawn["title"]["text"] == "CPU time by stage"
    assert drawn["encoding"]["x"]["title"] == "CPU time per step (ms)"
    assert page.app.get("vega_lite_chart")[0].proto.alt.startswith("Bars of the CPU time of 13 stages per step")


def test_a_reload_and_another_browser_show_it_and_older_ones_can_be_chosen(page, another_browser, trainer, wait_for):
    page.app.number_input(key="profile_steps").set_value(1)
    page.look().click("profile")
    (first,) = choice(taken(page, trainer, wait_for)).options
    page.click("profile")
    newest, older = choice(taken(page, trainer, wait_for)).options
    assert older.partition(" (")[0] == first.partition(" (")[0] != newest.partition(" (")[0]
    another_browser.open(INSPECT, view="profile")
    assert [each.partition(" (")[0] for each in choice(another_browser).options] == [
        each.partition(" (")[0] for each in (newest, older)
    ]
    shares = another_browser.table("Stage")["Total"].tolist()
    choice(another_browser).select_index(1)
    assert another_browser.look().table("Stage")["Total"].tolist() != shares


def test_its_trace_is_downloaded_under_the_name_of_the_run_and_its_steps(page, run, trainer, wait_for):
    page.click("profile")
    taken(page, trainer, wait_for)
    (made, *_) = profiles.kept(state.store(), run)
    trace = profiles.trace_file(state.store(), run, made)
    assert json.loads(gzip.decompress(trace.read_bytes()))["traceEvents"]
    assert profiles.trace_name(run, made) == f"{run}-steps-{made.first}-{made.last}.json.gz"
    (button,) = page.app.get("download_button")
    assert button.proto.label == "Trace for Perfetto" and not button.proto.disabled
    trace.unlink()
    (button,) = page.look().app.get("download_button")
    assert button.proto.disabled and "missing" in button.proto.help


def test_stop_keeps_what_is_measured(page, run, trainer, wait_for):
    page.app.number_input(key="profile_steps").set_value(100)
    page.look().click("profile")
    wait_for(lambda: trainer.snapshot.profiling and trainer.snapshot.profiling[0] > 0)
    page.look()
    if page.has("stop_profile"):
        assert "steps measured" in page.words and not page.has("profile")
        page.click("stop_profile")
    taken(page, trainer, wait_for)
    (made,) = profiles.kept(state.store(), run)
    assert made.steps == 100 or made.cut in page.words


def test_a_run_in_training_is_profiled_in_passing(page, run, trainer, wait_for):
    training.continue_run(trainer, trainer.snapshot, "Ada")
    page.look().click("profile")
    wait_for(lambda: profiles.kept(state.store(), run))
    assert trainer.snapshot.state == "running" and not page.errors
    training.pause(trainer, trainer.snapshot, "Ada")
    assert len(page.look().table("Stage")) == 13


def test_a_run_that_is_not_loaded_shows_its_profiles_and_cannot_be_profiled(
    page, run, small, browser, trainer, wait_for
):
    page.click("profile")
    taken(page, trainer, wait_for)
    training.start(trainer, small(), "Bob", switch=True)
    browser.open(INSPECT, run=run, view="profile")
    assert not browser.has("profile") and len(browser.table("Stage")) == 13
    browser.open(INSPECT, run=trainer.snapshot.run, view="profile")
    assert "No steps of this run" in browser.words
    training.pause(trainer, trainer.snapshot, "Bob")


def test_the_warm_page_is_drawn_fast(page, trainer, wait_for):
    page.click("profile")
    assert taken(page, trainer, wait_for).is_drawn_in_no_time()
