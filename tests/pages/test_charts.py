import numpy as np
import pytest

from pages.components.shell import state
from pipeline.graph import document
from pipeline.runs import metrics, watching
from pipeline.runs.watching import Watching
from pipeline.studio.charts import curves
from pipeline.studio.charts.curves import StepRange
from pipeline.studio.run import debugging, training

TRAIN = "pages/2_Train.py"
CALM = ["Loss", "Discriminator score", "Gradient norm", "Diversity", "Throughput"]
MORE = ["Distance to real images", "Scores in eval mode", "Overfitting", "Dead units"]


@pytest.fixture
def page(run, browser):
    return browser.open(TRAIN)


def titles(browser):
    return [chart.title for chart in browser.charts]


def chart(browser, title):
    return next(chart for chart in browser.charts if chart.title == title)


def open_more(browser):
    browser.app.session_state["more_charts"] = True
    return browser.look()


def stored(trainer):
    """Load another run, so that the current one is shown as it was stored."""
    workflow = document.read(state.store().run(trainer.snapshot.run).workflow_text, "The run's workflow")
    training.start(trainer, workflow, "Bob", switch=True)
    training.pause(trainer, trainer.snapshot, "Bob")


def paused(trainer):
    return trainer.snapshot.state == "paused"


def test_a_few_charts_are_drawn_and_the_rest_on_demand(page):
    assert titles(page) == CALM
    assert any(expander.label == "More charts" for expander in page.app.expander)
    assert titles(open_more(page)) == CALM + MORE
    assert chart(page, "Scores in eval mode").points["metric"].unique().tolist() == ["D_train", "D_held_out"]


def test_measurements_are_drawn_as_points_joined_by_a_thin_line(page):
    diversity, loss = chart(page, "Diversity"), chart(page, "Loss")
    measured = diversity.points.dropna()
    assert measured["x"].tolist() == list(range(0, page.step + 1, 50))
    # The last one holds until now.
    held = diversity.points[diversity.points["low"].isna()]
    assert held["x"].tolist() in ([page.step], []) and set(held["value"]) <= {measured["value"].iloc[-1]}
    assert len(loss.points) == 2 * page.step
    assert '"filled": true' in diversity.specification.split('"name": "points"')[3]
    assert '"strokeWidth": 1.8' in loss.specification and '"strokeWidth": 1.8' not in diversity.specification


def test_data_of_charts_that_are_not_drawn_is_not_read(page, monkeypatch):
    asked = []
    read = metrics.history

    def noting(store, run, names=None, *rest, **more):
        asked.append(tuple(names or ()))
        return read(store, run, names, *rest, **more)

    monkeypatch.setattr(metrics, "history", noting)
    page.app.slider(key="chart_smoothing").set_value(0.31)
    page.look()
    # One query for all charts.
    assert [names for names in asked if "D_loss" in names] == [
        ("D_loss", "G_loss", "D_real", "D_fake", "D_grad_norm", "G_grad_norm", "diversity", "images_per_second")
    ]
    page.app.slider(key="chart_smoothing").set_value(0.32)
    open_more(page)
    assert any("D_loss" in names and "energy_distance" in names for names in asked)


def test_a_watch_has_a_chart_in_every_browser(page, another_browser, trainer):
    debugging.add_watch(trainer, trainer.snapshot, "Ada", "D_real - D_fake")
    debugging.add_watch(trainer, trainer.snapshot, "Ada", "mean(D_loss, 5) > G_loss")
    for browser in (page.look(), another_browser.open(TRAIN)):
        assert titles(browser) == [*CALM, "D_real - D_fake", "mean(D_loss, 5) > G_loss"]
    page.app.slider(key="chart_smoothing").set_value(0.0)
    page.look()
    scores = chart(page, "Discriminator score").points.set_index("metric")["value"]
    difference = scores["D_real"].to_numpy() - scores["D_fake"].to_numpy()
    np.testing.assert_allclose(chart(page, "D_real - D_fake").points["value"], difference, atol=1e-6)
    assert set(chart(page, "mean(D_loss, 5) > G_loss").points["value"]) <= {0, 1}


def test_a_watch_grows_with_the_run_and_its_specification_stays_the_same(page, trainer, wait_for):
    debugging.add_watch(trainer, trainer.snapshot, "Ada", "2 * step")
    before = chart(page.look(), "2 * step")
    page.click("step")
    wait_for(lambda: paused(trainer))
    after = chart(page.look(), "2 * step")
    assert after.specification == before.specification
    assert after.points["x"].max() == before.points["x"].max() + 1 == page.step


def test_for_a_watch_that_cannot_be_evaluated_the_reason_is_shown_and_not_as_markdown(run, trainer, browser):
    odd = "[r1](http://x) > 2"
    watching.save(state.store().files(run), Watching(watches=("r1 > 2", odd, "D_loss")))
    stored(trainer)
    browser.open(TRAIN, run=run)
    assert titles(browser)[-1] == "D_loss"
    assert "There is no metric 'r1' (at character 1)" in browser.words
    assert f"**{odd}**" in browser.words and f"**{odd}**" not in browser.markdown


def test_events_are_marked_and_also_the_current_step_of_a_rewound_run(page, trainer, wait_for):
    debugging.update_only(trainer, trainer.snapshot, "Ada", "generator")
    debugging.run_until(trainer, trainer.snapshot, "Ada", f"step >= {page.step + 10}")
    wait_for(lambda: trainer.snapshot.stopped and paused(trainer))
    top = page.look().step
    assert "Here" not in set(page.charts[0].marks["kind"])
    debugging.back(trainer, trainer.snapshot, "Ada", top - 5)
    wait_for(lambda: trainer.snapshot.step == top - 5 and paused(trainer))
    marks = page.look().charts[0].marks
    assert marks["kind"].tolist() == ["One network only", "Stopped", "Went back", "Here"]
    assert marks.iloc[-1]["x"] == page.step == top - 5
    assert f"marks the run's current step, {top - 5} of {top}" in page.words
    # Later steps stay on the chart.
    assert page.charts[0].points["x"].max() == top


def test_all_charts_show_the_range_that_was_zoomed_to_and_keep_it_while_data_comes_in(page, run, trainer, wait_for):
    before = page.charts
    page.app.session_state["chart_zoom"] = {run: StepRange(10, 20)}
    zoomed = page.look().charts
    assert [(each.view["x0"], each.view["x1"]) for each in zoomed] == [(10, 20)] * len(CALM)
    assert chart(page, "Loss").points["x"].unique().tolist() == list(range(9, 22))
    assert [each.specification for each in zoomed] == [each.specification for each in before]
    page.click("step")
    wait_for(lambda: paused(trainer))
    assert [each.view["x1"] for each in page.look().charts] == [20] * len(CALM)
    page.app.selectbox(key="chart_x").set_value("epoch")
    epochs = 20 * 8 / state.store().run(run).train_images
    assert [each.view["x1"] for each in page.look().charts] == pytest.approx([epochs] * len(CALM))
    page.app.selectbox(key="chart_x").set_value("step")
    page.look().click("reset_zoom")
    assert [each.view["x1"] for each in page.charts] == [page.step] * len(CALM)
    assert not page.has("reset_zoom")


def test_clipping_and_a_logarithm_say_what_they_leave_out(page):
    page.app.toggle(key="chart_clip").set_value(True)
    page.app.toggle(key="chart_log").set_value(True)
    page.look()
    assert '"type": "log"' in chart(page, "Loss").specification
    assert '"type": "log"' not in chart(page, "Discriminator score").specification
    for each in page.charts:
        assert each.view["note"] == "" or each.view["note"].endswith("outside")


def test_a_watch_says_its_value_now(page, trainer):
    debugging.add_watch(trainer, trainer.snapshot, "Ada", "2 * step")
    debugging.add_watch(trainer, trainer.snapshot, "Ada", "step > 5")
    debugging.add_watch(trainer, trainer.snapshot, "Ada", "1 / (step - step)")
    page.look()
    assert chart(page, "2 * step").view["note"] == f"now {2 * page.step}"
    assert chart(page, "step > 5").view["note"] == "now true"
    assert chart(page, "1 / (step - step)").view["note"] == "no value now"


def test_charts_are_chosen_and_ordered_and_a_link_shows_the_same(page, another_browser, run):
    page.app.multiselect(key="chart_choice").set_value(["Dead units", "Loss"])
    assert titles(page.look()) == ["Dead units", "Loss"]
    assert page.app.query_params["charts"] == ["Dead units", "Loss"]
    assert not any(expander.label == "More charts" for expander in page.app.expander)
    link = {"run": run, "charts": ["Dead units", "Loss"]}
    assert titles(another_browser.open(TRAIN, **link)) == ["Dead units", "Loss"]
    # Another page has no charts; this browser remembers the choice, and writes it into the address again.
    page.open("pages/3_Inspect.py", run=run)
    assert titles(page.open(TRAIN, run=run)) == ["Dead units", "Loss"]
    assert page.app.query_params["charts"] == ["Dead units", "Loss"]
    page.app.multiselect(key="chart_choice").set_value([])
    assert titles(page.look()) == CALM
    assert "charts" not in page.app.query_params


@pytest.mark.parametrize("told", [["No such chart"], ["x" * 100_000] * 300, [""], ["../..", "<b>"]])
def test_unknown_titles_in_an_address_are_ignored(browser, run, told):
    assert titles(browser.open(TRAIN, run=run, charts=[*told, "Loss"])) == (["Loss"] if len(told) < 100 else CALM)


def test_what_the_numbers_mean_is_told_with_sources(page):
    page.app.session_state["why_charts"] = True
    page.look()
    assert "`D_loss` – discriminator's loss" in page.words
    assert page.words.count("Source: ") >= len(CALM + MORE)


def test_the_page_with_watches_and_all_charts_is_drawn_fast(page, trainer, wait_for):
    debugging.add_watch(trainer, trainer.snapshot, "Ada", "mean(D_loss / G_loss, 20)")
    debugging.add_watch(trainer, trainer.snapshot, "Ada", "D_real > 0.5 and G_loss > 1")
    page.app.number_input(key="chunk_steps").set_value(curves.BANDS)
    page.click("chunk")
    wait_for(lambda: paused(trainer) and trainer.snapshot.step > curves.BANDS)
    assert len(open_more(page).charts) == len(CALM) + len(MORE) + 2
    assert page.is_drawn_in_no_time()
