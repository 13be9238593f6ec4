"""The Evaluate page: measure a checkpoint, see what the numbers mean, stop, and compare."""

import pytest

from pages.components.shell import state
from pipeline.metrics.registry import METRICS
from pipeline.runs.evaluations import load_all
from pipeline.studio.run import history, training

EVALUATE = "pages/5_Evaluate.py"


@pytest.fixture(scope="module")
def evaluated(trainer, small, wait_for):
    """A paused run with two checkpoints at least."""
    run = training.start(trainer, small("training.ema_halflife_images=1000"), "Ada", switch=True)
    wait_for(lambda: trainer.snapshot.step > 20)
    training.pause(trainer, trainer.snapshot, "Ada")
    wait_for(lambda: trainer.snapshot.state == "paused")
    return run


def measure(browser, wait_for, button="evaluate_step"):
    """Press a button that evaluates, and wait until nothing is under way; the page is then drawn again."""
    browser.app.number_input(key="evaluate_count").set_value(20)
    browser.app.multiselect(key="evaluate_metrics").set_value(["precision", "recall", "auth_pct"])
    browser.look().click(button)
    wait_for(lambda: state.evaluation_engine().progress_of(run_of(browser)) is None)
    return browser.look()


def run_of(browser):
    return browser.app.query_params["run"] if "run" in browser.app.query_params else browser.app.selectbox[0].value


def test_a_checkpoint_that_was_not_measured_says_what_to_do(evaluated, browser):
    browser.open(EVALUATE, run=evaluated, step="0")
    assert "Step 0 has not been evaluated yet: press *Evaluate step 0*" in browser.words
    assert browser.has("evaluate_step") and browser.has("evaluate_all")


def test_the_table_has_every_metric_with_interval_floor_and_counts(evaluated, browser, wait_for):
    browser.open(EVALUATE, run=evaluated, step="0")
    measure(browser, wait_for)
    assert not browser.errors
    table = browser.table("95% interval")
    assert list(table["Metric"]) == [
        f"↑ {METRICS['precision'].title}",
        f"↑ {METRICS['recall'].title}",
        "≈ AuthPct (no copies)",
    ]
    assert list(table["Images"]) == ["20 : 20", "20 : 20", "20 : 1,617"]
    assert all(" to " in each for each in table["95% interval"]) and "—" not in list(table["Floor"])
    assert "20 images of seed 0, averaged weights, against 20 held-out images of digits. Features: " in browser.words
    assert METRICS["precision"].good_for in browser.words and METRICS["precision"].bad_for in browser.words


def test_all_checkpoints_draw_a_curve(evaluated, browser, wait_for):
    newest = max(history.checkpoint_steps(state.store(), evaluated))
    browser.open(EVALUATE, run=evaluated, step=str(newest))
    measure(browser, wait_for, "evaluate_all")
    assert {each.step for each in load_all(state.store().files(evaluated))} >= {0, newest}
    (chart,) = browser.app.get("vega_lite_chart")
    assert METRICS["precision"].unit in chart.proto.spec


def test_an_evaluation_can_be_stopped_and_dismissed(evaluated, browser, wait_for):
    browser.open(EVALUATE, run=evaluated, step="0")
    browser.app.number_input(key="evaluate_count").set_value(50_000)
    browser.app.number_input(key="evaluate_seed").set_value(7)
    browser.look().click("evaluate_step")
    assert not browser.has("evaluate_step")
    wait_for(lambda: state.evaluation_engine().snapshot.evaluations)
    browser.click("stop_evaluation")
    wait_for(lambda: state.evaluation_engine().progress_of(evaluated).error)
    assert "Stopped" in "\n".join(each.value for each in browser.look().app.info)
    browser.click("dismiss_evaluation")
    assert not browser.app.info and browser.has("evaluate_step")


def test_a_refused_wish_is_shown_until_it_is_dismissed(evaluated, browser, wait_for):
    browser.open(EVALUATE, run=evaluated, step="0")
    browser.app.selectbox(key="evaluate_data").set_value("mnist-5k")
    browser.app.number_input(key="evaluate_count").set_value(20)
    browser.look()
    # A set that is not there any more, as from a link or an older page.
    command = state.evaluation_engine()
    command.send(sent(evaluated, data="/nowhere"))
    wait_for(lambda: (found := command.progress_of(evaluated)) is not None and found.error)
    assert "/nowhere" in browser.look().errors
    browser.click("dismiss_evaluation")
    assert not browser.errors


def sent(run, **changes):
    from pipeline.runtime.messages.evaluation_commands import Evaluate

    return Evaluate(run=run, count=20, **changes)


def test_checkpoints_are_compared_where_they_were_measured_alike(evaluated, browser, wait_for):
    newest = max(history.checkpoint_steps(state.store(), evaluated))
    browser.open(EVALUATE, run=evaluated, step=str(newest))
    measure(browser, wait_for, "evaluate_all")
    browser.app.button_group(key="evaluate_view").set_value("compare")
    browser.look()
    assert browser.app.query_params["view"] == "compare"
    chosen = browser.app.multiselect(key=f"compare_with {evaluated} {newest}")
    chosen.set_value(["this run, step 0"])
    table = browser.look().table("B beside A")
    assert next(iter(table["Metric"])) == f"↑ {METRICS['precision'].title}"
    assert len(browser.app.image) == 2 and browser.app.get("download_button")
    browser.app.number_input(key="evaluate_count").set_value(30)
    assert "Not measured in this way yet" in browser.look().words
    assert browser.has("evaluate_missing")


def test_the_page_is_drawn_in_no_time(evaluated, browser):
    assert browser.open(EVALUATE, run=evaluated, step="0").is_drawn_in_no_time()


def test_a_run_that_is_alone_has_nothing_to_compare(evaluated, browser):
    browser.open(EVALUATE, run=evaluated, step="0", view="compare")
    assert browser.app.button_group(key="evaluate_view").value == "compare"
    browser.app.multiselect(key=f"compare_with {evaluated} 0").set_value([])
    assert "Choose a run or a checkpoint" in browser.look().words
