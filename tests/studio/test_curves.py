import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors.runs import UnknownRun
from pipeline.runs import metrics
from pipeline.studio import curves

LOSSES = ["D_loss", "G_loss"]
EVERYTHING = [*LOSSES, "D_real", "D_fake", "D_grad_norm", "G_grad_norm"]


@pytest.fixture
def run(store, new_run):
    """Four steps of half a second each: D_loss is 1, 2, 3, 4, and G_loss a tenth of it."""
    run = new_run()
    steps = np.arange(1, 5, dtype=np.float32)
    metrics.append(store, run.id, 1, [*LOSSES, "seconds"], np.stack([steps, steps / 10, steps / 2], axis=1))
    return run


def change(store, run, step, who="Ada"):
    store.add_event(run.id, step, "parameter changed", "penalty.weight changed from 10 to 5", who)


def test_metrics_that_belong_together_share_a_chart_and_one_that_was_not_recorded_is_left_out(store, run):
    assert curves.groups(store, run.id) == {"Loss": ("D_loss", "G_loss")}
    metrics.append(store, run.id, 5, ["D_loss", "gradient_penalty"], [[1, 2]])
    assert curves.groups(store, run.id) == {"Loss": ("D_loss", "G_loss"), "Penalty": ("gradient_penalty",)}


def test_a_run_without_steps_has_no_charts_and_no_points(store, new_run):
    run = new_run()
    assert curves.groups(store, run.id) == {}
    drawn = curves.curves(store, run, LOSSES, "time", 0.9)
    assert (drawn.shown, drawn.recorded) == (0, 0)
    assert drawn.points.num_rows == 0 and drawn.points.column_names == ["x", "metric", "value", "low", "high"]


def test_every_step_of_a_short_run_is_a_point(store, run):
    drawn = curves.curves(store, run, LOSSES)
    assert (drawn.shown, drawn.recorded) == (4, 4)
    lines = dict(list(drawn.points.to_pandas().groupby("metric")))
    np.testing.assert_allclose(lines["D_loss"]["value"], [1, 2, 3, 4])
    np.testing.assert_allclose(lines["G_loss"]["value"], [0.1, 0.2, 0.3, 0.4], rtol=1e-6)
    assert (lines["D_loss"]["low"] == lines["D_loss"]["high"]).all()


@pytest.mark.parametrize(
    ("x", "places"), [("step", [1, 2, 3, 4]), ("epoch", [0.01, 0.02, 0.03, 0.04]), ("time", [0.5, 1, 1.5, 2])]
)
def test_lines_go_over_steps_epochs_or_seconds(store, run, x, places):
    np.testing.assert_allclose(curves.curves(store, run, ["D_loss"], x).points["x"].to_numpy(), places)


def test_a_long_run_is_drawn_in_bands_that_leave_no_value_out(store, new_run):
    run = new_run()
    values = np.random.default_rng(0).normal(size=(5000, 1)).astype(np.float32)
    metrics.append(store, run.id, 1, ["D_loss"], values)
    drawn = curves.curves(store, run, ["D_loss"], smoothing=0.9)
    assert drawn.recorded == 5000 and drawn.shown == drawn.points.num_rows <= curves.BANDS
    # Smoothing is of the line alone: the band shows the values as they were.
    points = drawn.points.to_pandas()
    assert (points["low"].min(), points["high"].max()) == (values.min(), values.max())


@given(st.lists(st.floats(-1e6, 1e6) | st.just(np.nan), max_size=30), st.floats(0, 0.99))
def test_smoothing_is_the_weighted_mean_of_what_came_before(values, weight):
    smoothed = curves.smooth(np.array(values), weight)
    for step, value in enumerate(values):
        before = [(weight ** (step - i), v) for i, v in enumerate(values[: step + 1]) if not np.isnan(v)]
        if np.isnan(value):
            assert np.isnan(smoothed[step])
        else:
            expected = sum(w * v for w, v in before) / sum(w for w, _ in before)
            assert smoothed[step] == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_an_infinite_value_is_a_gap_in_the_line_and_spoils_nothing_after_it():
    smoothed = curves.smooth(np.array([1, np.inf, 1]), 0.5)
    np.testing.assert_array_equal(smoothed, [1, np.nan, 1])


@pytest.mark.parametrize(("x", "place"), [("step", 2), ("epoch", 0.02), ("time", 1.0)])
def test_a_change_is_marked_where_it_was_made_with_who_made_it(store, run, x, place):
    change(store, run, 2)
    change(store, run, 2, who="")
    store.add_event(run.id, 3, "saved", "Checkpoint saved at step 3", "Ada")
    text = "penalty.weight changed from 10 to 5"
    expected = pd.DataFrame({"x": [place, place], "label": [f"{text} (Ada)", text]})
    pd.testing.assert_frame_equal(curves.marks(store, run, x).to_pandas(), expected, check_dtype=False)


@pytest.mark.parametrize("x", ["step", "epoch", "time"])
def test_a_change_before_the_first_step_is_marked_at_the_beginning(store, run, new_run, x):
    fresh = new_run()
    for each in (run, fresh):
        change(store, each, 0)
        assert curves.marks(store, each, x)["x"].to_pylist() == [0]


def test_a_run_without_changes_has_no_marks(store, run):
    assert curves.marks(store, run, "time").num_rows == 0


def test_a_run_that_there_is_not_has_no_curves(store, run):
    store.files(run.id)
    for ask in (lambda: curves.groups(store, "20200101-000000-00000000"), lambda: curves.groups(store, "../x")):
        with pytest.raises(UnknownRun):
            ask()
