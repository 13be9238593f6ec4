from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors.runs import UnknownRun
from pipeline.families.family import FAMILIES
from pipeline.graph import document
from pipeline.runs import metrics, point_series
from pipeline.runs.series import LOSS, Chart, Series, names_of
from pipeline.runs.system_series import SYSTEM_NAMES
from pipeline.studio import workflows
from pipeline.studio.charts import curves

LOSSES = ["D_loss", "G_loss"]
D_LOSS, G_LOSS, D_REAL, D_FAKE, R_T = (
    FAMILIES.series[name] for name in ("D_loss", "G_loss", "D_real", "D_fake", "r_t")
)
R1 = Series("r1", "a penalty", Chart("Penalty", "penalty"))


@pytest.fixture
def run(store, new_run):
    """Four steps of half a second each: D_loss is 1, 2, 3, 4; G_loss is a tenth of D_loss."""
    run = new_run(workflow_text=text("wgan-gp"))
    steps = np.arange(1, 5, dtype=np.float32)
    metrics.append(store, run.id, 1, [*LOSSES, "seconds"], np.stack([steps, steps / 10, steps / 2], axis=1))
    return run


def text(template):
    return document.write(workflows.open_template(template))


def titled(groups):
    """Titles of charts with the names of their series."""
    return [(title, names_of(group)) for title, group in groups.items()]


def points_of(store, run, x="step", smoothing=0.0):
    """The points of one chart's lines, by metric."""
    chart = curves.charts(store, run, {"Chart": (D_LOSS, G_LOSS)}, x, smoothing).charts["Chart"]
    return dict(list(chart.points.to_pandas().groupby("metric", sort=False)))


def test_related_metrics_share_a_chart_and_unrecorded_ones_are_left_out(store, run):
    first, more = curves.groups(store, run)
    assert (titled(first), titled(more)) == ([("Loss", ("D_loss", "G_loss"))], [])
    metrics.append(store, run.id, 5, ["D_loss", "r_t", "critic_slope", "gradient_penalty"], [[1, 2, 3, 4]])
    first, more = curves.groups(store, run)
    assert titled(first) == [("Loss", ("D_loss", "G_loss")), ("Penalty", ("gradient_penalty",))]
    assert titled(more) == [("Overfitting", ("r_t",)), ("Critic slope", ("critic_slope",))]


@pytest.mark.parametrize(
    ("template", "always", "on_demand"),
    [
        (
            "wgan-gp",
            [
                ("Loss", ("D_loss", "G_loss")),
                ("Discriminator score", ("D_real", "D_fake")),
                ("Gradient norm", ("D_grad_norm", "G_grad_norm")),
                ("Diversity", ("diversity",)),
                ("Penalty", ("gradient_penalty",)),
                ("Throughput", ("images_per_second",)),
            ],
            [
                ("Distance to real images", ("energy_distance",)),
                ("Scores in eval mode", ("D_train", "D_held_out")),
                ("Overfitting", ("r_t",)),
                ("Critic slope", ("critic_slope",)),
                ("Dead units", ("dead_units",)),
            ],
        ),
        (
            "vae",
            [
                ("Loss", ("loss",)),
                ("Reconstruction", ("reconstruction", "held_out_reconstruction", "mean_image_error")),
                ("KL divergence", ("kl",)),
                ("Gradient norm", ("grad_norm",)),
                ("Diversity", ("diversity",)),
                ("Throughput", ("images_per_second",)),
            ],
            [
                ("Distance to real images", ("energy_distance",)),
                ("Active units", ("active_units",)),
                ("Dead units", ("dead_units",)),
            ],
        ),
    ],
)
def test_a_run_has_the_charts_that_its_workflow_declares(store, new_run, template, always, on_demand):
    run = new_run(workflow_text=text(template))
    names = names_of(workflows.series_of(run.workflow_text))
    metrics.append(store, run.id, 1, list(names), [[1] * len(names)])
    first, more = curves.groups(store, run)
    of_system = {title: series for title, series in more.items() if series[0].chart.system}
    assert (titled(first), titled(more)) == (always, [*on_demand, *titled(of_system)])
    assert [name for series in of_system.values() for name in names_of(series)] == list(SYSTEM_NAMES)


def test_an_undeclared_series_has_its_own_chart_on_request(store, run):
    metrics.append(store, run.id, 5, ["mystery"], [[1]])
    ((title, (series,)),) = curves.groups(store, run)[1].items()
    assert title == series.name == "mystery"
    assert (series.unit, series.meaning) == ("value", "recorded by a node that is not loaded")


def test_if_the_workflow_cannot_be_read_the_families_describe_the_recorded_series(store, new_run):
    run = new_run(workflow_text="{")
    metrics.append(store, run.id, 1, ["kl", "seconds", "images_per_second", "loss", "odd"], [[1, 2, 3, 4, 5]])
    first, more = curves.groups(store, run)
    assert titled(first) == [
        ("Loss", ("loss",)),
        ("KL divergence", ("kl",)),
        ("Throughput", ("images_per_second",)),
    ]
    assert titled(more) == [("odd", ("odd",))]


def test_a_series_of_a_custom_node_shares_the_chart_that_it_names(monkeypatch, store, new_run):
    own = (
        Series("mystery", "an unknown quantity", Chart("Loss", "another unit", 999, folded=True)),
        Series("style", "distance of styles", Chart("Style", "nats", 5)),
        Series("clock", "drawn nowhere", None),
    )
    monkeypatch.setattr(workflows, "series_of", lambda workflow_text, data_text: (D_LOSS, *own))
    run = new_run()
    metrics.append(store, run.id, 1, ["clock", "style", "mystery", "D_loss"], [[1, 2, 3, 4]])
    first, more = curves.groups(store, run)
    assert (titled(first), titled(more)) == ([("Style", ("style",)), ("Loss", ("D_loss", "mystery"))], [])
    drawn = curves.charts(store, run, first).charts
    assert (drawn["Loss"].unit, drawn["Style"].unit) == (LOSS.unit, "nats")


def test_a_run_without_steps_has_no_charts_and_no_points(store, new_run):
    run = new_run()
    assert curves.groups(store, run) == ({}, {})
    drawn = curves.charts(store, run, {"Loss": (D_LOSS, G_LOSS)}, "time", 0.9)
    assert (drawn.shown, drawn.recorded) == (0, 0)
    points = drawn.charts["Loss"].points
    assert points.num_rows == 0 and points.column_names == ["x", "metric", "value", "low", "high"]


def test_a_fork_without_steps_has_the_charts_of_its_parent(store, run, new_run):
    fork = new_run(parent=run.id, parent_step=3)
    assert curves.groups(store, new_run(parent=fork.id, parent_step=3)) == curves.groups(store, run)


def test_several_charts_are_read_at_once_and_each_has_its_own_lines(store, run):
    metrics.append(store, run.id, 5, [*LOSSES, "r1", "seconds"], [[5, 0.5, 7, 2.5]])
    drawn = curves.charts(store, run, {"Loss": (D_LOSS, G_LOSS), "Penalty": (R1,)})
    assert {title: chart.metrics for title, chart in drawn.charts.items()} == {
        "Loss": ("D_loss", "G_loss"),
        "Penalty": ("r1",),
    }
    assert drawn.charts["Loss"].points["value"].to_pylist() == pytest.approx([1, 2, 3, 4, 5, 0.1, 0.2, 0.3, 0.4, 0.5])
    assert drawn.charts["Penalty"].points["value"].to_pylist() == [None] * 4 + [7]
    assert (drawn.shown, drawn.recorded) == (5, 5)


def test_a_metric_without_values_has_no_line_and_a_chart_of_only_such_metrics_is_left_out(store, run):
    metrics.append(store, run.id, 5, ["D_loss", "D_real", "D_fake", "r_t"], [[1, 0.5, np.nan, np.nan]])
    drawn = curves.charts(store, run, {"Discriminator score": (D_REAL, D_FAKE), "Overfitting": (R_T,)})
    assert {title: chart.metrics for title, chart in drawn.charts.items()} == {"Discriminator score": ("D_real",)}


def test_every_step_of_a_short_run_is_a_point(store, run):
    lines = points_of(store, run)
    np.testing.assert_allclose(lines["D_loss"]["value"], [1, 2, 3, 4])
    np.testing.assert_allclose(lines["G_loss"]["value"], [0.1, 0.2, 0.3, 0.4], rtol=1e-6)
    assert (lines["D_loss"]["low"] == lines["D_loss"]["high"]).all()


@pytest.mark.parametrize(
    ("x", "places"),
    [
        ("step", [1, 2, 3, 4]),
        ("epoch", [0.01, 0.02, 0.03, 0.04]),
        ("images", [64, 128, 192, 256]),
        ("time", [0.5, 1, 1.5, 2]),
    ],
)
def test_lines_go_over_steps_epochs_images_or_seconds(store, run, x, places):
    np.testing.assert_allclose(points_of(store, run, x)["D_loss"]["x"], places)


def test_a_long_run_is_drawn_in_bands_that_leave_no_value_out(store, new_run):
    run = new_run()
    values = np.random.default_rng(0).normal(size=(5000, 1)).astype(np.float32)
    metrics.append(store, run.id, 1, ["D_loss"], values)
    drawn = curves.charts(store, run, {"Loss": (D_LOSS,)}, smoothing=0.9)
    points = drawn.charts["Loss"].points.to_pandas()
    assert drawn.recorded == 5000 and drawn.shown == len(points) <= curves.BANDS
    # Only the line is smoothed; low and high are of the raw values.
    assert (points["low"].min(), points["high"].max()) == (values.min(), values.max())


@pytest.fixture
def checked_up(store, new_run):
    """Steps 1 to 100 of an autoencoder, half a second each, measured at steps 0, 50, 99 and 100."""
    run = new_run(workflow_text=text("autoencoder"))
    steps = np.arange(1, 101, dtype=np.float32)
    for first, step, value in ((1, 0, 8), (1, 50, 4), (51, 99, 3), (100, 100, 2)):
        part = steps[first - 1 : step]
        if len(part):
            metrics.append(store, run.id, first, ["reconstruction", "seconds"], np.stack([1 / part, part / 2], axis=1))
        point_series.record(store, run.id, step, {"held_out_reconstruction": value, "diversity": value / 8})
    store.update(run.id, step=100)
    return store.run(run.id)


def rows_of(table, metric):
    points = table.to_pandas()
    return points[points["metric"] == metric]


@pytest.mark.parametrize(
    ("x", "places"), [("step", [0, 50, 99, 100]), ("epoch", [0, 0.5, 0.99, 1]), ("time", [0, 25, 49.5, 50])]
)
def test_a_measurement_is_a_point_at_its_step_and_is_not_smoothed(store, checked_up, x, places):
    drawn = curves.charts(store, checked_up, curves.groups(store, checked_up)[0], x, smoothing=0.9).charts
    assert drawn["Reconstruction"].measured == {"held_out_reconstruction"}
    points = rows_of(drawn["Reconstruction"].points, "held_out_reconstruction")
    np.testing.assert_allclose(points["x"], places)
    assert points["value"].tolist() == points["low"].tolist() == [8, 4, 3, 2]
    assert len(rows_of(drawn["Reconstruction"].points, "reconstruction")) == 100
    assert drawn["Diversity"].points["value"].to_pylist() == [1, 0.5, 0.375, 0.25]


def test_measurements_that_an_older_version_repeated_are_points_at_their_steps(store, new_run):
    run = new_run(workflow_text=text("autoencoder"))
    repeated = np.repeat([1.0, 0.5, np.nan, 0.25], 25)
    metrics.append(store, run.id, 1, ["diversity", "loss"], np.stack([repeated, np.ones(100)], axis=1))
    chart = curves.charts(store, run, curves.groups(store, run)[0]).charts["Diversity"]
    assert chart.points["x"].to_pylist() == [0, 25, 75]
    assert chart.points["value"].to_pylist() == [1, 0.5, 0.25]
    assert chart.measured == {"diversity"}


def test_many_measurements_are_drawn_in_bands_that_leave_none_out(store, new_run):
    run = new_run(workflow_text=text("autoencoder"))
    values = np.random.default_rng(0).normal(size=5000).astype(np.float32)
    metrics.append(store, run.id, 1, ["loss", "diversity"], np.stack([np.ones(5000), values], axis=1))
    point_series.convert(store, run.id, ["diversity"])
    store.update(run.id, step=5000)
    chart = curves.charts(store, store.run(run.id), curves.groups(store, run)[0]).charts["Diversity"].points.to_pandas()
    assert len(chart) <= curves.BANDS
    assert (chart["low"].min(), chart["high"].max()) == (values.min(), values.max())


def test_values_that_are_not_finite_are_gaps_in_line_and_band(store, new_run):
    run = new_run()
    metrics.append(store, run.id, 1, ["D_loss"], [[1], [np.inf], [np.nan], [2]])
    points = curves.charts(store, run, {"Loss": (D_LOSS,)}).charts["Loss"].points
    for column in ("value", "low", "high"):
        assert points[column].to_pylist() == [1, None, None, 2]


def test_charts_are_reread_at_every_step_of_a_short_run_and_rarely_for_a_long_one(new_run):
    def readings(step, **facts):
        run = new_run(**facts)
        return len({curves.redraw_counter(replace(run, step=each)) for each in range(step, step + 1024)})

    assert readings(1) == readings(5000) == 1024
    assert readings(200_000) == pytest.approx(1024 / 32, abs=1)
    assert readings(10_000_000) <= 2
    assert readings(10_000_000, parent=new_run().id, parent_step=9_999_000) == 1024


@given(st.lists(st.floats(-1e6, 1e6) | st.just(np.nan), max_size=30), st.floats(0, 0.99))
def test_smoothing_is_the_weighted_mean_of_the_values_so_far(values, weight):
    smoothed = curves.smooth(np.array(values), weight)
    for step, value in enumerate(values):
        before = [(weight ** (step - i), v) for i, v in enumerate(values[: step + 1]) if not np.isnan(v)]
        if np.isnan(value):
            assert np.isnan(smoothed[step])
        else:
            expected = sum(w * v for w, v in before) / sum(w for w, _ in before)
            assert smoothed[step] == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_an_infinite_value_is_a_gap_and_does_not_affect_later_values():
    smoothed = curves.smooth(np.array([1, np.inf, 1]), 0.5)
    np.testing.assert_array_equal(smoothed, [1, np.nan, 1])


def test_curves_of_an_unknown_run_are_refused(store, run):
    for name in ("20200101-000000-00000000", "../x"):
        with pytest.raises(UnknownRun):
            curves.groups(store, replace(run, id=name))
        with pytest.raises(UnknownRun):
            curves.charts(store, replace(run, id=name), {"Loss": (D_LOSS,)})
