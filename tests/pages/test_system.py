"""System, on the Train page: where the time of a run goes, and what it takes of the machine."""

import pytest

from pages.components.shell import state
from pipeline.runs import point_series, stage_times
from pipeline.runs.system_series import OF_THE_MACHINE, SYSTEM_NAMES
from pipeline.studio.comparison.metric_titles import metric_title
from pipeline.studio.run import training

TRAIN, RUNS = "pages/2_Train.py", "pages/6_Runs.py"
CHARTS = ["Time in data", "CPU", "Memory", "Free memory"]


@pytest.fixture(scope="module")
def measured(trainer, small, wait_for):
    """A paused run that has trained for more than a second."""
    run = training.start(trainer, small(), "Ada", switch=True)
    wait_for(lambda: stage_times.load(state.store().files(run)))
    training.pause(trainer, trainer.snapshot, "Ada")
    wait_for(lambda: trainer.snapshot.state == "paused")
    return run


@pytest.fixture
def page(measured, browser):
    return browser.open(TRAIN, run=measured)


def titles(browser):
    return [chart.title for chart in browser.charts]


def opened(browser):
    browser.app.session_state["system_charts"] = True
    return browser.look()


def test_the_section_is_folded_and_its_data_is_not_read(page):
    assert [each.label for each in page.app.expander if each.label in ("More charts", "System")] == [
        "More charts",
        "System",
    ]
    assert not set(CHARTS) & set(titles(page)) and "of the time in data" not in page.words


def test_it_shows_where_the_time_goes_and_what_is_taken_of_the_machine(page, measured):
    before = titles(page)
    assert titles(opened(page)) == [*before, *CHARTS]
    assert "of the time in data · mostly" in page.words.replace("\\", "")
    table = page.table("Share of the time")
    assert table["Share of the time"].sum() == pytest.approx(100)
    assert {"Draw real images", "Gradients", "Wait for the device"} <= set(table["Stage"])
    cores = point_series.read(state.store(), measured, ["cpu_cores"])["cpu_cores"]
    drawn = next(chart for chart in page.charts if chart.title == "CPU").points.dropna()
    assert drawn["value"].tolist() == pytest.approx(cores.values.tolist())
    assert drawn["x"].tolist() == cores.steps.tolist()
    assert all(chart.view["y0"] == 0 for chart in page.charts if chart.title in CHARTS)


def test_its_charts_can_be_chosen_and_are_explained(page):
    assert set(CHARTS) < set(page.app.multiselect(key="chart_choice").options)
    page.app.multiselect(key="chart_choice").set_value(["CPU", "Loss"])
    assert titles(page.look()) == ["CPU", "Loss"]
    page.app.session_state["why_charts"] = True
    assert "CPU cores that training keeps busy" in page.look().words


def test_a_comparison_offers_them_last_and_draws_none_unless_chosen(measured, browser):
    page = browser.open(RUNS, view="compare", runs=measured)
    offered = page.app.multiselect(key="compare_metrics").options
    known = [name for name in SYSTEM_NAMES if metric_title(name) in offered]
    # Only what tells the speed stands among them.
    assert known and {metric_title(name) for name in known} <= set(offered[-len(OF_THE_MACHINE) :])
    assert not set(known) & set(page.app.multiselect(key="compare_metrics").value)
