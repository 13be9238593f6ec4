from dataclasses import replace

import pytest

from pages.components.shell import state
from pipeline.runs import edits
from pipeline.studio.run import training


@pytest.fixture
def quiet(trainer, run):
    """The trainer, with its run paused."""
    return trainer


def test_start_training_opens_train_and_the_run_advances(quiet, browser, wait_for):
    browser.look().app.text_input(key="who").set_value("Ada")
    browser.click("start_default")
    assert browser.title == "dcgan"
    assert (browser.state, browser.app.query_params["run"]) == ("running", quiet.snapshot.run)
    assert "Training on cpu by Ada" in browser.words
    wait_for(lambda: quiet.snapshot.step > 0)
    first = browser.look().step
    wait_for(lambda: quiet.snapshot.step > first)
    assert browser.look().step > first > 0


def test_a_card_starts_its_template_and_links_to_its_graph(quiet, browser):
    links = {link.proto.query_string for link in browser.look().app.page_link}
    assert links >= {"template=dcgan", "template=mlp-gan", "template=wgan-gp"}
    assert browser.click("start mlp-gan").title == r"mlp\-gan"
    assert quiet.snapshot.name == "mlp-gan"


def test_the_current_run_is_shown_with_a_link_to_it(quiet, small, browser):
    run = training.start(quiet, small(), "Ada", switch=True)
    assert "**mlp-gan** · running" in browser.look().words
    assert "of 1,000,000" in browser.words and "images/s" in browser.words
    assert f"run={run}" in {link.proto.query_string for link in browser.app.page_link}


def test_starting_during_another_run_offers_to_pause_it_and_switch(quiet, small, browser):
    first = training.start(quiet, small(), "Ada", switch=True)
    browser.look().click("start mlp-gan")
    assert browser.title == "Genscope"
    assert f"Ada is training 'mlp-gan' (run {first})" in browser.words
    browser.click("keep_run")
    assert "Ada is training" not in browser.words
    assert (quiet.snapshot.run, quiet.snapshot.state) == (first, "running")

    browser.click("start mlp-gan").click("switch_run")
    assert browser.state == "running" and quiet.snapshot.run != first
    assert browser.app.query_params["run"] == quiet.snapshot.run


def test_a_run_that_another_user_has_started_since_the_question_is_not_paused_unasked(quiet, small, browser):
    training.start(quiet, small(), "Ada", switch=True)
    browser.look().click("start mlp-gan")
    other = training.start(quiet, small(), "Bob", switch=True)
    browser.click("switch_run")
    assert f"Bob is training 'mlp-gan' (run {other})" in browser.words
    assert (quiet.snapshot.run, quiet.snapshot.state) == (other, "running")
    assert browser.click("switch_run").state == "running" and quiet.snapshot.run != other


def test_recent_runs_are_listed(quiet, run, browser):
    table = browser.look().table("State")
    assert table.loc[0, ["Name", "State", "By", "Run"]].tolist() == ["mlp-gan", "paused", "Ada", run]
    assert table.loc[0, "Step"] == quiet.snapshot.step
    assert len(table) <= 10


def test_archived_runs_are_not_among_the_recent_ones(quiet, run, browser):
    def listed():
        return [each for frame in browser.look().app.dataframe for each in frame.value["Run"]]

    edits.archive(state.store(), [run])
    assert run not in listed()
    edits.restore(state.store(), [run])
    assert run in listed()


def test_a_run_that_failed_to_start_can_be_deleted(quiet, browser, monkeypatch):
    gone = replace(quiet.snapshot, run="20200101-000000-00000000", state="failed")
    monkeypatch.setattr(quiet, "snapshot", gone)
    assert "Now" not in [heading.value for heading in browser.look().app.subheader]


def test_a_click_on_a_run_opens_it_on_train(quiet, run, browser):
    # AppTest cannot click on a row; this is the state that such a click sets.
    browser.look().app.session_state["to_leave"] = ("pages/2_Train.py", {"run": run})
    assert (browser.look().state, browser.app.query_params) == ("paused", {"run": run})


@pytest.mark.parametrize("page", ["Home.py", "pages/1_Workflow.py"])
def test_a_warm_page_is_drawn_fast(page, quiet, browser):
    assert browser.open(page).is_drawn_in_no_time()
