import os
import signal
import time
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.shell import state
from pipeline.studio.charts import curves
from pipeline.studio.run import training

TRAIN = "pages/2_Train.py"
RATE = "generator_optimizer.learning_rate"
ODD = "**x** [a](b) $y$"


@pytest.fixture
def page(run, browser):
    """The Train page with a paused run."""
    return browser.open(TRAIN)


def paused(trainer):
    return trainer.snapshot.state == "paused"


def live_field(browser, parameter=RATE):
    return next(field for field in browser.app.number_input if (field.key or "").split(" ")[2:3] == [parameter])


def change(browser, value):
    live_field(browser).set_value(value)
    return browser.look()


def event_texts(browser):
    return browser.table("What")["What"].tolist()


def test_run_and_pause(page, trainer, wait_for):
    assert page.state == "paused" and f"Waiting at step {page.step}" in page.words
    before = page.step
    assert page.click("run").state == "running"
    assert not page.has("run") and not page.has("step") and not page.has("chunk")
    wait_for(lambda: trainer.snapshot.step > before)
    page.look().click("pause")
    assert page.state == "paused" and page.step > before
    still = page.step
    assert page.look().step == still
    assert event_texts(page)[0] == f"Paused at step {still:,}"


def test_step_trains_one_step_and_chunk_the_number_typed_just_before_the_click(page, trainer, wait_for):
    before = page.step
    page.click("step")
    wait_for(lambda: paused(trainer) and trainer.snapshot.step > before)
    assert page.look().step == before + 1
    page.app.number_input(key="chunk_steps").set_value(37)
    page.click("chunk")
    wait_for(lambda: paused(trainer) and trainer.snapshot.step > before + 1)
    assert page.look().step == before + 38


def test_the_page_says_that_images_are_streamed(page, trainer):
    sentence = "Images are streamed from memory: they take 3.2 GB, and cuda:0 has room for 1.5 GB of them."
    assert "streamed" not in page.words
    trainer.snapshot = replace(trainer.snapshot, streaming=sentence)
    assert sentence in page.look().words


def test_save_checkpoint(page, trainer):
    page.click("step")
    page.click("save")
    assert event_texts(page)[0].startswith("Checkpoint saved at step")
    assert trainer.snapshot.saved == trainer.snapshot.step


def test_only_the_data_of_charts_changes(page, trainer, wait_for):
    before = page.charts
    assert before[0].points["metric"].unique().tolist() == ["D_loss", "G_loss"]
    page.click("step")
    wait_for(lambda: paused(trainer))
    page.look()
    after = page.charts
    assert [chart.specification for chart in after] == [chart.specification for chart in before]
    assert after[0].points["x"].max() == before[0].points["x"].max() + 1


@pytest.mark.parametrize("x", ["step", "epoch", "images", "time"])
def test_charts_can_be_over_steps_epochs_images_or_time(x, page):
    page.app.selectbox(key="chart_x").set_value(x)
    page.app.toggle(key="chart_log").set_value(True)
    points = page.look().charts[0].points
    assert points.groupby("metric")["x"].is_monotonic_increasing.all()
    record = state.store().run(state.trainer().snapshot.run)
    ends = {"step": record.step, "epoch": record.step * 8 / 1617, "images": record.step * 8, "time": record.seconds}
    assert points["x"].max() == pytest.approx(ends[x], rel=1e-3)


def test_a_live_change_takes_effect_and_is_marked_on_the_charts_and_in_the_events(page, trainer):
    page.app.text_input(key="who").set_value("Ada")
    page.look()
    assert live_field(page).value == 0.0002
    change(page, 0.003)
    assert trainer.snapshot.live[RATE] == live_field(page).value == 0.003
    text = "Generator Adam · Learning rate changed from 0.0002 to 0.003"
    for chart in page.charts:
        assert chart.marks.to_numpy().tolist() == [[page.step, f"{text} (Ada)", "Live change"]]
    assert page.table("What").iloc[0][["Who", "What"]].tolist() == ["Ada", text]


def test_a_live_change_before_the_first_step_is_marked_over_time_as_well(trainer, small, browser):
    training.start(trainer, small(), "Ada", switch=True)
    training.pause(trainer, trainer.snapshot, "Ada")
    browser.open(TRAIN).app.selectbox(key="chart_x").set_value("time")
    change(browser.look(), 0.003)
    assert trainer.snapshot.live[RATE] == 0.003


@pytest.mark.parametrize(("value", "sentence"), [(5.0, "more than the maximum of 1"), (-1.0, "less than the minimum")])
def test_a_live_value_out_of_range_is_refused_and_the_field_shows_the_current_value(value, sentence, page, trainer):
    change(page, value)
    assert "Not changed: Learning rate is" in page.errors and sentence in page.errors
    assert trainer.snapshot.live[RATE] == live_field(page).value == 0.0002
    assert not page.look().errors


def test_a_change_based_on_an_outdated_value_is_refused_and_the_current_value_shown(page, another_browser, trainer):
    change(another_browser.open(TRAIN), 0.01)
    change(page, 0.05)
    assert "meanwhile it was set to 0.01" in page.errors
    assert live_field(page).value == 0.01


def test_a_finished_run_asks_for_the_number_of_further_steps(trainer, small, browser, wait_for):
    training.start(trainer, small("training.total_steps=5"), "Ada", switch=True)
    wait_for(lambda: trainer.snapshot.state == "finished")
    browser.open(TRAIN)
    assert browser.state == "finished" and "All 5 steps are done" in browser.words
    assert not browser.has("step") and not browser.has("run")
    browser.app.number_input(key="further").set_value(3)
    browser.click("run_further")
    wait_for(lambda: trainer.snapshot.state == "finished" and trainer.snapshot.step == 8)
    assert browser.look().step == 8


@pytest.fixture
def stored(run, trainer, small):
    """A paused run that is no longer loaded, because another run is training."""
    training.start(trainer, small(), "Bob", switch=True)
    return run


def test_a_run_that_is_not_loaded_is_shown_as_it_was_stored(stored, browser):
    record = state.store().run(stored)
    browser.open(TRAIN, run=stored)
    assert (browser.state, browser.step) == ("paused", record.step)
    assert [chart.title for chart in browser.charts] == list(curves.groups(state.store(), record)[0])
    assert len(browser.app.image) == 1 and "Shown while the run is loaded" in browser.words
    assert browser.has("run") and not browser.has("step") and not browser.has("save")
    assert "Live parameters" not in browser.words


def test_resuming_a_stored_run_offers_to_pause_the_current_one_and_switch(stored, browser, trainer):
    other = trainer.snapshot.run
    browser.open(TRAIN, run=stored).click("run")
    assert f"Bob is training 'mlp-gan' (run {other})" in browser.words
    assert trainer.snapshot.run == other
    browser.click("switch_run")
    assert (trainer.snapshot.run, browser.state) == (stored, "running")
    assert state.store().run(other).state == "paused"
    assert "Bob is training" not in browser.words


def test_an_unknown_run_in_the_address_does_not_affect_the_current_run(run, browser, trainer):
    browser.open(TRAIN, run="../../etc/passwd")
    assert "There is no run '../../etc/passwd'" in browser.errors
    assert browser.title == "Train" and "choose a run there" in browser.words
    assert (trainer.snapshot.run, trainer.snapshot.state) == (run, "paused")


def test_a_failed_run_names_its_node_and_resumes_from_its_last_checkpoint(stored, browser, trainer):
    state.store().update(stored, state="failed", error_node="generator", error="Node 'generator' failed to run: no.")
    browser.open(TRAIN, run=stored)
    assert browser.state == "failed" and "by the node Generator" in browser.words
    assert browser.errors == "Node 'generator' failed to run: no."
    assert not browser.has("run")
    browser.click("resume").click("switch_run")
    assert (trainer.snapshot.run, browser.state) == (stored, "running")
    assert not browser.errors


def test_names_are_shown_literally_and_not_as_markdown(trainer, small, browser):
    workflow = small()
    optimizer = replace(workflow.nodes["generator_optimizer"], title=ODD)
    odd = replace(workflow, name=ODD, nodes={**workflow.nodes, "generator_optimizer": optimizer})
    run = training.start(trainer, odd, ODD, switch=True)
    browser.open(TRAIN)
    assert f"Training on cpu by {ODD}" in browser.words and f"**{ODD}**" in browser.words
    assert browser.title.replace("\\", "") == ODD
    state.store().update(run, error=ODD)
    browser.look()
    assert ODD not in "\n".join(browser.markdown)
    browser.open("Home.py").click("start mlp-gan")
    assert f"{ODD} is training '{ODD}'" in browser.words
    assert ODD not in "\n".join(browser.markdown)


def test_a_page_drawn_from_an_outdated_state_is_rerun(trainer, run):
    def script():
        import streamlit as st

        from pages.components.shell.streamlit_gaps import follow_state, mark_of

        drawn = st.session_state.drawn = st.session_state.get("drawn", 0) + 1
        follow_state((0, 0, "starting") if drawn == 1 else mark_of())

    app = AppTest.from_function(script, default_timeout=120).run()
    assert not app.exception
    assert app.session_state["drawn"] == 2


def test_the_warm_page_with_full_charts_is_drawn_fast(page, trainer, wait_for):
    page.app.number_input(key="chunk_steps").set_value(curves.BANDS)
    page.click("chunk")
    wait_for(lambda: paused(trainer) and trainer.snapshot.step > curves.BANDS)
    assert page.is_drawn_in_no_time()


def test_a_killed_engine_is_reported_and_its_run_can_be_resumed(
    trainer, small, browser, another_browser, wait_for, promise
):
    run = training.start(trainer, small(), "Ada", switch=True)
    wait_for(lambda: trainer.snapshot.step > 0)
    training.save_checkpoint(trainer, trainer.snapshot, "Ada")
    saved = trainer.snapshot.saved
    mark = browser.open(TRAIN) and trainer.snapshot.mark
    killed = time.monotonic()
    os.kill(trainer.snapshot.pid, signal.SIGKILL)
    wait_for(lambda: trainer.snapshot.engine == "gone")
    # Pages poll at least once a second, so with this they show it within two.
    promise("the server notices that the engine was killed", time.monotonic() - killed, 1.0)
    assert trainer.snapshot.mark != mark
    assert browser.look().state == "failed"
    assert "engine has ended (signal 9). Everything up to the last checkpoint is kept." in browser.errors
    assert not any(browser.has(key) for key in ("run", "pause", "step", "chunk", "save"))
    assert live_field(browser).disabled
    assert "**mlp-gan** · failed" in another_browser.look().words
    # As after a fault in one of several processes, which ends all.
    trainer.snapshot, last = replace(trainer.snapshot, state="failed", error="It is wrong."), trainer.snapshot
    assert browser.look().errors.startswith("It is wrong. The engine has ended (signal 9).")
    trainer.snapshot = last
    browser.look()

    browser.click("resume")
    assert (browser.state, trainer.snapshot.run) == ("running", run)
    wait_for(lambda: trainer.snapshot.step > saved)
    assert any(text.startswith(f"Resumed at step {saved:,} on cpu with ") for text in event_texts(browser.look()))
    assert not browser.errors


def test_an_engine_that_was_told_to_end_has_saved_its_run_which_goes_on_in_another(trainer, small, browser, wait_for):
    run = training.start(trainer, small(), "Ada", switch=True)
    wait_for(lambda: trainer.snapshot.step > 0)
    browser.open(TRAIN, run=run)
    os.kill(trainer.snapshot.pid, signal.SIGTERM)
    wait_for(lambda: trainer.snapshot.engine == "gone")
    assert browser.look().state == "paused" and not browser.errors
    assert "The engine has ended. This run is shown as it was stored." in browser.words
    step = browser.step
    browser.click("run")
    assert (browser.state, trainer.snapshot.run) == ("running", run)
    wait_for(lambda: trainer.snapshot.step > step)
    assert any(text.startswith(f"Resumed at step {step:,} ") for text in event_texts(browser.look()))
