"""A part of a run is read more finely, and the same part is found on every x-axis."""

import numpy as np
import pytest

from pipeline.families.family import FAMILIES
from pipeline.runs import metrics, point_series
from pipeline.runs.series import DIVERSITY
from pipeline.studio.charts import curves, step_range, watches
from pipeline.studio.charts.curves import BANDS, StepRange
from pipeline.studio.run import ancestry

LOSS = {"Loss": (FAMILIES.series["D_loss"],)}
LONG = 8 * BANDS
"""Steps of the run: in bands of eight."""


def record(store, run, first, last):
    """The loss of step s is s², and each step takes half a second."""
    steps = np.arange(first, last + 1, dtype=np.float64)
    metrics.append(store, run.id, first, ["D_loss", "seconds"], np.stack([steps**2, steps / 2], axis=1))
    store.update(run.id, step=last)
    return store.run(run.id)


@pytest.fixture
def run(store, new_run):
    return record(store, new_run(), 1, LONG)


@pytest.fixture
def fork(store, new_run, run):
    """A fork after half of the run, with as many steps of its own."""
    return record(store, new_run(parent=run.id, parent_step=LONG // 2), LONG // 2 + 1, LONG)


def read(store, run, part, x="step"):
    return curves.charts(store, run, LOSS, x, part=part).charts["Loss"].points.to_pandas()


def test_a_part_is_read_step_by_step_where_the_whole_run_is_read_in_bands(store, run):
    whole = read(store, run, None)
    assert np.diff(whole["x"]).min() == 8
    part = read(store, run, StepRange(1000, 1200))
    # One step more at each end, so that the line reaches the edges.
    assert part["x"].tolist() == list(range(999, 1202))
    np.testing.assert_allclose(part["value"], part["x"] ** 2)
    np.testing.assert_array_equal(part["low"], part["high"])


def test_a_longer_part_is_read_in_bands_that_are_exact(store, run):
    part = read(store, run, StepRange(1001, 2200))
    assert set(np.diff(part["x"])) == {2} and len(part) <= BANDS + 3
    assert part["x"].iloc[0] <= 1001 and part["x"].iloc[-1] >= 2200
    np.testing.assert_allclose(part["high"], part["x"] ** 2)
    np.testing.assert_allclose(part["low"].iloc[1:], (part["x"].iloc[1:] - 1) ** 2)


def test_a_measurement_before_the_part_still_holds_at_its_beginning(store, run):
    for step in (0, 900, 1100):
        point_series.record(store, run.id, step, {"diversity": step / 1000})
    wanted = {"Diversity": (FAMILIES.series["D_loss"], DIVERSITY)}
    points = curves.charts(store, run, wanted, part=StepRange(1000, 1200)).charts["Diversity"].points.to_pandas()
    measured = points[points["metric"] == "diversity"]
    assert measured["x"].tolist() == [900, 1100] and measured["value"].tolist() == pytest.approx([0.9, 1.1])


def test_a_series_without_a_value_in_the_part_keeps_its_place(store, run):
    point_series.record(store, run.id, 2000, {"diversity": 0.5})
    wanted = LOSS | {"Diversity": (DIVERSITY,)}
    found = curves.charts(store, run, wanted, part=StepRange(1000, 1200)).charts
    assert [*found] == ["Loss", "Diversity"] and not found["Diversity"].points.num_rows


def test_watches_are_evaluated_in_the_part_only(store, run):
    found = watches.watches(store, run, ["D_loss / step"], part=StepRange(1000, 1200))
    points = found.charts[0].points.to_pandas()
    assert points["x"].tolist() == list(range(999, 1202))
    np.testing.assert_allclose(points["value"], points["x"], rtol=1e-6)


def test_a_watch_knows_its_value_now(store, run):
    now = watches.now(store, run, ["D_loss", "mean(step, 3)", "step > 5", "unknown", "1 / (step - step)"])
    assert now == {"D_loss": LONG**2, "mean(step, 3)": LONG - 1, "step > 5": 1}
    assert watches.now(store, run, []) == {}


def test_a_watch_has_no_value_before_the_first_step(store, new_run):
    assert watches.now(store, new_run(), ["step"]) == {}


def test_a_part_before_a_fork_is_read_from_the_parent(store, fork):
    part = StepRange(1000, 1200)
    before = ancestry.before(store, fork, {"Loss": ["D_loss"]}, part=part)["Loss"].to_pandas()
    assert before["x"].tolist() == list(range(999, 1202))
    np.testing.assert_allclose(before["value"], before["x"] ** 2)
    assert not len(read(store, fork, part))
    beyond = StepRange(LONG - 100, LONG)
    assert ancestry.before(store, fork, {"Loss": ["D_loss"]}, part=beyond) == {}
    assert watches.history_before_fork(store, fork, ["step"], part=beyond) == {}


@pytest.mark.parametrize("owner", ["run", "fork"])
@pytest.mark.parametrize(
    ("x", "low", "high"), [("step", 1000, 1200), ("epoch", 10, 12), ("images", 64_000, 76_800), ("time", 500, 600)]
)
def test_a_range_is_the_same_on_every_axis(store, run, fork, owner, x, low, high):
    record = {"run": run, "fork": fork}[owner]
    found = step_range.steps_between(store, record, x, low, high)
    assert found == step_range.steps_between(store, record, x, high, low)
    np.testing.assert_allclose(found, (1000, 1200), atol=1)
    np.testing.assert_allclose(step_range.ends_of(store, record, x, found), (low, high), rtol=1e-3)


def test_a_range_stays_within_the_run_and_has_some_length(store, run):
    def between(low, high):
        return step_range.steps_between(store, run, "step", low, high)

    assert between(-50, 10.2) == (0, 11)
    assert between(LONG - 10, 1e30) == (LONG - 10, LONG)
    assert between(7.1, 7.2) == (6, 9)
    assert between(LONG + 5, LONG + 9) is None
    assert between(float("nan"), 3) is None and between(0, float("inf")) is None
