import numpy as np
import pytest

from pipeline.runs import metrics, point_series
from pipeline.runs.deletion import delete_runs
from pipeline.runs.series import undeclared
from pipeline.studio.charts import curves
from pipeline.studio.run import ancestry

LOSS = {"Loss": ("D_loss", "G_loss")}
DRAWN = {title: tuple(undeclared(name) for name in names) for title, names in LOSS.items()}


def trained(store, run, first, last, offset=0.0):
    """Record steps `first` to `last`, half a second each: D_loss is the step plus `offset`, G_loss minus the step."""
    steps = np.arange(first, last + 1, dtype=np.float32)
    values = np.stack([steps + offset, -steps, steps / 2], axis=1)
    metrics.append(store, run.id, first, ["D_loss", "G_loss", "seconds"], values)
    return run


def line(tables, metric="D_loss"):
    points = tables["Loss"].to_pandas()
    return points[points["metric"] == metric]


@pytest.fixture
def parent(store, new_run):
    return trained(store, new_run(), 1, 10)


@pytest.fixture
def fork(store, new_run, parent):
    return trained(store, new_run(parent=parent.id, parent_step=6), 7, 9, offset=0.5)


def test_a_forks_history_is_its_parents_up_to_the_fork(store, fork):
    before = ancestry.before(store, fork, LOSS)
    assert line(before)["x"].tolist() == [1, 2, 3, 4, 5, 6]
    assert line(before)["value"].tolist() == [1, 2, 3, 4, 5, 6]
    assert line(before, "G_loss")["value"].tolist() == [-1, -2, -3, -4, -5, -6]
    own = curves.charts(store, fork, DRAWN).charts["Loss"].points
    assert before["Loss"].schema == own.schema
    assert own["x"].to_pylist()[:3] == [7, 8, 9]


def test_a_fork_of_a_fork_goes_back_to_the_first_run(store, fork, new_run):
    last = new_run(parent=fork.id, parent_step=8)
    before = line(ancestry.before(store, last, LOSS))
    assert before["x"].tolist() == [1, 2, 3, 4, 5, 6, 7, 8]
    assert before["value"].tolist() == [1, 2, 3, 4, 5, 6, 7.5, 8.5]
    assert [(each.run.id, each.first, each.last) for each in ancestry.ancestor_steps(store, last)] == [
        (fork.parent, 1, 6),
        (fork.id, 7, 8),
    ]


def test_a_fork_at_its_parents_first_step_has_no_history_of_that_parent(store, fork, new_run):
    same = new_run(parent=fork.id, parent_step=6)
    assert [each.run.id for each in ancestry.ancestor_steps(store, same)] == [fork.parent]
    first = new_run(parent=fork.parent, parent_step=0)
    assert ancestry.ancestor_steps(store, first) == [] and ancestry.before(store, first, LOSS) == {}


def test_a_run_that_is_not_a_fork_has_no_history_before_it(store, parent):
    assert ancestry.before(store, parent, LOSS) == {}


def test_a_chart_without_values_of_the_parent_is_left_out(store, fork):
    assert ancestry.before(store, fork, LOSS | {"Penalty": ("r1",)}).keys() == {"Loss"}


def test_the_lines_meet_over_epochs_and_time_as_well(store, fork, new_run, parent):
    larger = trained(store, new_run(parent=parent.id, parent_step=6, batch_size=128), 7, 9)
    ends = {"epoch": 6 * 128 / 6400, "time": 3.0}
    for x, end in ends.items():
        before = line(ancestry.before(store, larger, LOSS, x))
        own = line({"Loss": curves.charts(store, larger, DRAWN, x).charts["Loss"].points})
        assert before["x"].iloc[-1] == pytest.approx(end)
        assert before["x"].is_monotonic_increasing and before["x"].iloc[-1] < own["x"].iloc[0]


def test_a_long_history_is_drawn_in_few_bands_with_every_value_up_to_the_fork_and_none_after_it(store, new_run):
    parent = trained(store, new_run(), 1, 5000)
    fork = trained(store, new_run(parent=parent.id, parent_step=3001), 3002, 4000)
    last = new_run(parent=fork.id, parent_step=3500)
    before = line(ancestry.before(store, last, LOSS))
    assert len(before) <= ancestry.BANDS + 2
    assert (before["low"].min(), before["high"].max()) == (1, 3500)


def test_a_very_long_chain_of_forks_is_followed_only_so_far(store, parent, new_run):
    run = parent
    for step in range(1, ancestry.MOST_STRETCHES + 20):
        run = trained(store, new_run(parent=run.id, parent_step=step), step + 1, step + 1)
    assert len(ancestry.ancestor_steps(store, run)) == ancestry.MOST_STRETCHES
    assert line(ancestry.before(store, run, LOSS))["x"].iloc[-1] == run.parent_step


def test_measurements_of_ancestors_are_points_up_to_the_fork(store, new_run):
    parent, fork = new_run(), None
    for step, value in ((0, 1), (4, 2), (6, 3), (8, 4)):
        if step:
            trained(store, parent, step - 1 if step > 4 else 1, step)
        point_series.record(store, parent.id, step, {"diversity": value})
    fork = trained(store, new_run(parent=parent.id, parent_step=6), 7, 9)
    point_series.record(store, fork.id, 6, {"diversity": 9})
    before = ancestry.before(store, fork, {"Diversity": ("diversity",)}, smoothing=0.9)["Diversity"]
    assert (before["x"].to_pylist(), before["value"].to_pylist()) == ([0, 4, 6], [1, 2, 3])


def test_a_fork_whose_parent_was_deleted_keeps_its_own_curves_and_has_none_from_before(store, fork, parent):
    """`fork` was read before its parent was deleted, as a page may have done."""
    delete_runs(store, [parent.id])
    for record in (fork, store.run(fork.id)):
        assert ancestry.ancestor_steps(store, record) == []
        assert ancestry.before(store, record, LOSS) == {}
        always, _ = curves.groups(store, record)
        assert "D_loss" in [each.name for group in always.values() for each in group]
        assert curves.seconds_at(store, record, np.array([6, 8])).tolist() == [0.0, 4.0]


def test_curves_end_at_the_ancestor_that_was_deleted(store, new_run, fork, parent):
    last = trained(store, new_run(parent=fork.id, parent_step=8), 9, 12)
    delete_runs(store, [parent.id])
    assert [(each.run.id, each.first, each.last) for each in ancestry.ancestor_steps(store, last)] == [(fork.id, 7, 8)]
