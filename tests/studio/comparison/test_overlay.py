import numpy as np
import pytest

from pipeline.graph import document
from pipeline.runs import metrics, point_series
from pipeline.studio import workflows
from pipeline.studio.comparison.overlay import overlay


@pytest.fixture
def trained(new_run, store):
    """`trained(values, ...)` makes a run whose D_loss has these values, a step each second, with 64 images a step."""

    def make(values, **facts):
        run = new_run(workflow_text=document.write(workflows.open_template("dcgan")), **facts)
        first = (run.parent_step or 0) + 1
        seconds = np.arange(1, len(values) + 1)
        metrics.append(store, run.id, first, ["D_loss", "seconds"], np.stack([values, seconds], axis=1))
        store.update(run.id, step=first + len(values) - 1)
        return store.run(run.id)

    return make


def lines(found):
    """x and value of each run's line, by run."""
    table = found.points.to_pandas()
    return {run: (rows["x"].tolist(), rows["value"].tolist()) for run, rows in table.groupby("run", sort=False)}


def test_every_run_has_its_own_line_in_the_order_of_the_runs(store, trained):
    one, other = trained([3, 2, 1]), trained([5, 4])
    found = overlay(store, [other, one], "D_loss")

    assert lines(found) == {other.id: ([1, 2], [5, 4]), one.id: ([1, 2, 3], [3, 2, 1])}
    assert list(lines(found)) == [other.id, one.id]
    assert (found.series.unit, found.measured, found.without) == ("loss", False, ())


@pytest.mark.parametrize(
    ("x", "places"),
    [("step", ([1, 2], [1, 2])), ("images", ([64, 128], [32, 64])), ("time", ([1, 2], [1, 2]))],
)
def test_runs_with_other_batches_differ_over_images_seen(x, places, store, trained):
    one, other = trained([3, 2]), trained([3, 2], batch_size=32)
    found = lines(overlay(store, [one, other], "D_loss", x))

    assert tuple(found[run.id][0] for run in (one, other)) == places


def test_a_forks_line_begins_at_its_fork(store, trained):
    parent = trained([4, 3, 2, 1])
    fork = trained([9, 8], parent=parent.id, parent_step=2)

    assert lines(overlay(store, [parent, fork], "D_loss"))[fork.id] == ([3, 4], [9, 8])


@pytest.mark.parametrize(("x", "ends"), [("step", (3, 2)), ("images", (192, 64)), ("time", (3, 2))])
def test_each_line_ends_with_its_run(x, ends, store, trained):
    one, other = trained([3, 2, 1]), trained([5, 4], batch_size=32)
    assert overlay(store, [one, other], "D_loss", x).ends == dict(zip((one.id, other.id), ends, strict=True))


def test_a_measurement_is_a_point_where_it_was_measured(store, trained):
    run = trained([3, 2, 1])
    point_series.record(store, run.id, 2, {"diversity": 0.5})
    found = overlay(store, [run], "diversity", smoothing=0.9)

    assert found.measured and lines(found) == {run.id: ([2], [0.5])}


def test_runs_without_a_value_are_named(store, trained, new_run):
    run, empty, broken = trained([1]), new_run(), trained([np.nan, np.inf])
    found = overlay(store, [empty, run, broken], "D_loss")

    assert found.without == (empty.id, broken.id) and list(lines(found)) == [run.id]
    nothing = overlay(store, [empty], "D_loss")
    assert nothing.points.num_rows == 0 and nothing.points.column_names == found.points.column_names
