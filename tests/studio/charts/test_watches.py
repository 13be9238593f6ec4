import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.conditions.expression import MOST_CHARACTERS
from pipeline.runs import metrics, point_series
from pipeline.runs.series import undeclared
from pipeline.studio.charts import curves, watches

NAMES = ["D_loss", "G_loss", "seconds"]


@pytest.fixture
def record(store, new_run):
    """`record(values, first=1)`: a run with `values` (steps, 2) of D_loss and G_loss, and half a second per step."""

    def make(values, first=1, **facts):
        values = np.asarray(values, np.float32)
        run = new_run(**facts)
        steps = np.arange(first, first + len(values), dtype=np.float32)
        metrics.append(store, run.id, first, NAMES, np.column_stack([values, steps / 2]))
        store.update(run.id, step=first + len(values) - 1)
        return store.run(run.id)

    return make


def drawn(store, run, expression, x="step", smoothing=0.0):
    (watch,) = watches.watches(store, run, [expression], x, smoothing).charts
    assert not watch.refusal
    return watch.points.to_pandas()


def test_an_expression_is_evaluated_at_every_step(store, record):
    run = record([[1, 2], [4, 2], [9, 3]])
    found = watches.watches(store, run, ["D_loss / G_loss", "step"])
    assert (found.evaluated, found.recorded) == (3, 3)
    ratio, step = (watch.points for watch in found.charts)
    assert ratio["value"].to_pylist() == [0.5, 2, 3] and step["value"].to_pylist() == [1, 2, 3]
    assert ratio.schema == curves.charts(store, run, {"Loss": (undeclared("D_loss"),)}).charts["Loss"].points.schema
    assert set(ratio["metric"].to_pylist()) == {"D_loss / G_loss"}


@pytest.mark.parametrize(("x", "places"), [("epoch", [0.01, 0.02, 0.03]), ("time", [0.5, 1, 1.5])])
def test_a_watch_can_be_drawn_over_epochs_or_time(store, record, x, places):
    assert drawn(store, record([[1, 2], [4, 2], [9, 3]]), "D_loss", x)["x"].tolist() == pytest.approx(places)


def test_a_condition_is_1_where_true_and_0_where_false_and_is_never_smoothed(store, record):
    run = record([[1, 0], [3, 0], [1, 0]])
    (watch,) = watches.watches(store, run, ["D_loss > 2"], smoothing=0.9).charts
    assert watch.is_condition and watch.points["value"].to_pylist() == [0, 1, 0]
    (number,) = watches.watches(store, run, ["D_loss"], smoothing=0.9).charts
    assert not number.is_condition and number.points["value"].to_pylist() != [1, 3, 1]


def test_a_mean_of_measurements_goes_over_the_newest_one_at_each_step(store, record):
    run = record([[1, 2]] * 6)
    for step, value in ((2, 8), (5, 2)):
        point_series.record(store, run.id, step, {"diversity": value})
    assert drawn(store, run, "mean(diversity, 2)")["value"].tolist() == pytest.approx(
        [np.nan, 8, 8, 8, 5, 2], nan_ok=True
    )


def test_a_division_by_zero_is_a_gap(store, record):
    points = drawn(store, record([[1, 2], [1, 0], [1, 4]]), "D_loss / G_loss")
    assert points["value"].tolist() == pytest.approx([0.5, np.nan, 0.25], nan_ok=True)
    assert points["high"].isna().tolist() == [False, True, False]


def test_a_value_that_overflows_is_a_gap(store, record):
    assert drawn(store, record([[1, 0], [3e38, 0]]), "D_loss * 1e30")["value"].isna().tolist() == [False, True]


def test_an_expression_without_a_metric_has_a_chart_too(store, record):
    run = record([[1, 2], [4, 2]])
    assert drawn(store, run, "2 * step")["value"].tolist() == [2, 4]
    assert drawn(store, run, "1 > 2")["value"].tolist() == [0, 0]


def test_an_invalid_watch_has_a_message_and_the_others_are_drawn(store, record):
    run = record([[1, 2]])
    known, unknown, odd = watches.watches(store, run, ["D_loss", "D_los > 2", "D_loss >"]).charts
    assert known.points.num_rows == 1
    assert unknown.points is None and "There is no metric 'D_los'" in unknown.refusal
    assert "did you mean 'D_loss'" in unknown.refusal
    assert odd.points is None and "goes wrong at its end" in odd.refusal


def test_hostile_expressions_have_a_message(store, record):
    run = record([[1, 2]])
    hostile = ["", "x" * 1_000_000, "(" * MOST_CHARACTERS, "__import__('os')", "D_loss\x00", "1/0"]
    for watch in watches.watches(store, run, hostile).charts:
        assert watch.points is None and 10 < len(watch.refusal) < 1000


def test_a_duplicate_expression_is_drawn_once(store, record):
    assert len(watches.watches(store, record([[1, 2]]), ["D_loss", "D_loss"]).charts) == 1


def test_before_the_first_step_there_is_nothing_to_watch(store, new_run):
    assert watches.watches(store, new_run(), ["D_loss", "nonsense"]) == watches.Watches()


def test_a_fork_is_watched_from_its_first_step(store, record):
    parent = record([[1, 2]] * 4)
    fork = record([[5, 2], [7, 2]], first=4, parent=parent.id, parent_step=3)
    found = watches.watches(store, fork, ["mean(D_loss, 3)"])
    assert found.charts[0].points["value"].to_pylist() == [5, 6]
    assert (found.evaluated, found.recorded) == (2, 2)


@pytest.fixture
def fork(store, record):
    """A fork at step 3 of a run with four steps; the fork has trained two steps."""
    parent = record([[1, 2], [2, 0], [3, 2], [9, 9]])
    return record([[5, 2], [7, 2]], first=4, parent=parent.id, parent_step=3)


def test_a_watch_continues_the_history_before_the_fork(store, fork, record):
    before = watches.history_before_fork(store, fork, ["D_loss", "D_loss / G_loss"])
    assert before["D_loss"]["x"].to_pylist() == before["D_loss"]["value"].to_pylist() == [1, 2, 3]
    assert before["D_loss / G_loss"]["value"].to_pylist() == [0.5, None, 1.5]
    last = record([[0, 1]], first=6, parent=fork.id, parent_step=5)
    # The mean spans several ancestors.
    assert watches.history_before_fork(store, last, ["mean(D_loss, 3)"])["mean(D_loss, 3)"][
        "value"
    ].to_pylist() == pytest.approx([1, 1.5, 2, 10 / 3, 5])


def test_only_a_fork_has_a_history_and_only_for_valid_expressions(store, fork, record):
    assert watches.history_before_fork(store, fork, ["r1", "D_loss >"]) == {}
    assert watches.history_before_fork(store, record([[1, 2]]), ["D_loss"]) == {}


def test_a_metric_that_the_parent_did_not_record_is_a_gap_before_the_fork(store, fork):
    metrics.append(store, fork.id, 6, [*NAMES, "r1"], [[1, 1, 3, 4]])
    before = watches.history_before_fork(store, fork, ["r1", "r1 > 2"])
    assert before["r1"]["value"].to_pylist() == [None] * 3
    assert before["r1 > 2"]["value"].to_pylist() == [0] * 3


def test_only_the_newest_steps_of_a_long_history_are_evaluated(store, record, monkeypatch):
    monkeypatch.setattr(watches, "MOST_STEPS", 100)
    values = np.random.default_rng(0).normal(size=(1000, 2))
    parent = record(values)
    fork = record(values[:10], first=901, parent=parent.id, parent_step=900)
    points = watches.history_before_fork(store, fork, ["mean(D_loss, 50)"])["mean(D_loss, 50)"].to_pandas()
    assert points["x"].tolist() == list(range(801, 901))
    assert points["value"].iloc[0] == pytest.approx(np.float32(values[751:801, 0]).astype(float).mean(), rel=1e-5)


@settings(max_examples=20, deadline=None)
@given(count=st.integers(1, 3000), seed=st.integers(0, 99))
def test_bands_are_exact_at_any_length(tmp_path_factory, count, seed):
    from pipeline.runs.store import Store

    home = tmp_path_factory.mktemp("bands")
    with Store(home, f"sqlite:///{home}/genscope.sqlite") as store:
        run = store.create(name="", workflow_text="{}", device="cpu", seed=0, total_steps=1, batch_size=1,
                           train_images=1, who="")  # fmt: skip
        values = np.random.default_rng(seed).normal(size=(count, 1)).astype(np.float32)
        metrics.append(store, run.id, 1, ["D_loss"], values)
        store.update(run.id, step=count)
        watched = drawn(store, store.run(run.id), "D_loss")
        own = curves.charts(store, run, {"Loss": (undeclared("D_loss"),)}).charts["Loss"].points.to_pandas()
    # Watching a metric gives the same points as its own chart.
    assert watched.to_dict("list") == own.to_dict("list")


def test_only_the_newest_steps_of_a_long_run_are_evaluated_but_means_look_further_back(store, record, monkeypatch):
    monkeypatch.setattr(watches, "MOST_STEPS", 100)
    values = np.random.default_rng(0).normal(size=(1000, 2))
    run = record(values)
    found = watches.watches(store, run, ["mean(D_loss, 50)"])
    assert (found.evaluated, found.recorded) == (100, 1000)
    points = found.charts[0].points.to_pandas()
    assert points["x"].tolist() == list(range(901, 1001))
    expected = [np.float32(values[end - 50 : end, 0]).astype(float).mean() for end in range(901, 1001)]
    np.testing.assert_allclose(points["value"], expected, rtol=1e-5)


def test_a_watch_is_recomputed_whenever_its_chart_gets_another_point():
    assert [watches.band_at(step) for step in (1, 2, 599)] == [1, 2, 599]
    # 10,000 steps are drawn in bands of 32, and 200,000 and more in bands of 512.
    for step, width in ((10_000, 32), (200_000, 512), (10_000_000, 512)):
        assert len({watches.band_at(each) for each in range(step, step + 2048)}) in (2048 // width, 2048 // width + 1)
