"""Hints on the pages: where they stand, what they link to, and the way back to the last healthy step."""

import pytest

from pages.components.shell import state
from pipeline.studio.run import training

TRAIN = "pages/2_Train.py"
RATES = ("generator_optimizer.learning_rate", "discriminator_optimizer.learning_rate")


def links(browser):
    """Label and query of each link on the page."""
    protos = [element.proto for element in browser.app.get("page_link")]
    return {proto.label.replace("\\", ""): proto.query_string for proto in protos}


@pytest.fixture(scope="module")
def spoilt(trainer, small, wait_for):
    """A paused run whose learning rates became far too high at a step, and that step."""

    def paused_at(step):
        wait_for(lambda: trainer.snapshot.state == "paused" and trainer.snapshot.step == step)

    training.start(trainer, small(), "Ada", switch=True)
    training.pause(trainer, trainer.snapshot, "Ada")
    wait_for(lambda: trainer.snapshot.state == "paused")
    begin = trainer.snapshot.step
    training.chunk(trainer, trainer.snapshot, "Ada", 200)
    paused_at(begin + 200)
    for key in RATES:
        node, parameter = key.split(".")
        training.set_live(trainer, trainer.snapshot, "Ada", node, parameter, 0.9)
    training.chunk(trainer, trainer.snapshot, "Ada", 60)
    paused_at(begin + 260)
    return trainer.snapshot.run, begin + 200


def test_the_hints_of_a_run_stand_on_train_inspect_and_home_with_links_to_the_cure(spoilt, browser):
    run, step = spoilt
    browser.open(TRAIN, run=run)
    assert "After Ada changed Generator Adam · Learning rate from 0.0002 to 0.9" in browser.words
    assert f"at step {step:,}" in browser.words and "Source: Goyal et al. 2017" in browser.words.replace("[", "")
    assert links(browser)["Generator Adam · Learning rate"] == f"run={run}&live={RATES[0]}"
    for page in (TRAIN, "pages/3_Inspect.py", "Home.py"):
        found = links(browser.open(page, **({"run": run} if page.startswith("pages") else {})))
        assert any(" hint" in label and query == f"run={run}&show=hints" for label, query in found.items())


def test_a_link_puts_the_focus_on_the_field_once(spoilt, browser):
    browser.open(TRAIN, run=spoilt[0], live=RATES[0])
    assert set(browser.app.query_params) == {"run"}
    asked = browser.app.session_state["focus live"]
    assert asked["place"].startswith(f"live-{spoilt[0]}-generator_optimizer-learning_rate-")
    browser.look()
    assert browser.app.session_state["focus live"] == asked
    browser.open(TRAIN, run=spoilt[0], live="nothing.here")
    assert browser.app.session_state["focus live"] == asked and not browser.errors


def test_back_leads_to_the_last_healthy_step_and_what_is_judged_is_where_the_run_stands(spoilt, browser, trainer):
    run, step = spoilt
    assert browser.open(TRAIN, run=run).has("back before spike-after-change")
    browser.click("back before spike-after-change")
    assert trainer.snapshot.step == step - 1 and trainer.snapshot.head == step + 60
    assert trainer.snapshot.live[RATES[0]] == 0.0002, "the change is undone there"
    assert "After Ada changed" not in browser.words
    assert state.store().run(run).step == step + 60
