"""A periodic evaluation on the pages: its charts, its cost, breakpoints on it, the best checkpoint."""

import pytest

from pipeline.graph import edit
from pipeline.graph.adding import place_node
from pipeline.nodes.catalogue import NODES
from pipeline.studio.run import training

SETTINGS = (
    "periodic_evaluation.every=4", "periodic_evaluation.count=50", "periodic_evaluation.features=digits",
    "periodic_evaluation.metrics=frechet_distance,recall", "periodic_evaluation.keep_best=frechet_distance",
    "training.total_steps=10", "training.threads=1",
)  # fmt: skip


@pytest.fixture(scope="module")
def evaluated(trainer, small, wait_for):
    """A finished run of ten steps, evaluated at the steps 4, 8 and 10."""
    workflow, _ = place_node(small(), "PeriodicEvaluation", "training", NODES)
    run = training.start(trainer, edit.apply_settings(workflow, SETTINGS, NODES), "Ada", switch=True)
    wait_for(lambda: trainer.snapshot.state == "finished")
    return run


def test_train_draws_its_metrics_as_points_and_says_what_it_took_and_compares(evaluated, browser):
    page = browser.open("pages/2_Train.py")
    charts = {chart.title: chart.points for chart in page.charts}
    for title, name in (("Fréchet distance", "frechet_distance"), ("Recall", "recall")):
        points = charts[title]
        assert points[points.metric == name].x.tolist() == [4, 8, 10]
    assert "50 generated images against 50 held-out images, by features of" in page.words
    assert "3 evaluations took" in page.words and "Best Fréchet distance at step" in page.words
    assert " · evaluation " in page.app.get("progress")[0].text


def test_breakpoints_and_watches_may_use_them(evaluated, browser, trainer):
    page = browser.open("pages/2_Train.py")
    assert {"frechet_distance", "recall"} <= set(page.table("Name")["Name"])
    page.app.text_input(key="new_breakpoint").set_value("frechet_distance < 1 and recall > 0.5")
    page.click("new_breakpoint_add")
    assert [each.expression for each in trainer.snapshot.watching.breakpoints] == [
        "frechet_distance < 1 and recall > 0.5"
    ]


def test_the_best_checkpoint_is_named_where_one_is_chosen(evaluated, browser):
    browser.open("pages/4_Generate.py", run=evaluated)
    (slider,) = browser.app.select_slider
    assert sum("(best Fréchet distance)" in option for option in slider.options) == 1
