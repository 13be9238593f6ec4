"""Results of probes as tables for charts: cells in the right place, no cells for missing values."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.errors.runs import UnknownRun
from pipeline.runs import probes
from pipeline.runs.probe_records import BINS, EDGES, NUMBERS, SCORE_BINS
from pipeline.studio.inspect import layers
from pipeline.studio.inspect.layers import QUANTITIES, SEPARATOR
from tests.runs.test_probes import probe_of

ROWS = ("G 1 Linear", SEPARATOR, "D 0 Conv2d", "D 1 ReLU")
NAN = float("nan")


def with_numbers(probe, **columns):
    """The probe with these numbers replaced; each column has one value per layer."""
    changed = [
        replace(layer, **{name: values[place] for name, values in columns.items()})
        for place, layer in enumerate(probe.layers)
    ]
    return replace(probe, layers=tuple(changed))


@pytest.fixture
def keep(store, new_run):
    """`keep(*probes)`: save the probes to a new run and return its probe history."""

    def save(*found):
        run = new_run()
        for probe in found:
            probes.save(store.files(run.id), probe)
        return layers.history(store, run.id)

    return save


def rows(table):
    return list(zip(*(table[name].to_pylist() for name in table.column_names), strict=True))


def test_a_run_without_probes_has_empty_tables(keep):
    found = keep()
    assert layers.rows_of_map(found) == ()
    assert layers.score_lines(found) is None
    for quantity in QUANTITIES:
        assert layers.layer_table(found, quantity).num_rows == 0
        assert layers.extremes(found, quantity) == ""


def test_an_unknown_run_has_no_probes_and_a_malformed_id_is_refused(store):
    assert layers.rows_of_map(layers.history(store, "20200101-000000-00000000")) == ()
    with pytest.raises(UnknownRun):
        layers.history(store, "../x")


def test_networks_are_separated_in_the_map_and_layers_have_their_initial(keep):
    assert layers.rows_of_map(keep(probe_of(10))) == ROWS


def test_a_cell_extends_to_the_next_probe_and_the_last_is_as_wide_as_the_one_before(keep):
    found = keep(probe_of(10), probe_of(20), probe_of(50))
    table = layers.layer_table(found, "zeros")
    assert table.column_names == ["start", "end", "layer", "value"]
    assert [(start, end, layer) for start, end, layer, _ in rows(table)] == [
        (start, end, layer)
        for start, end in ((10, 20), (20, 50), (50, 80))
        for layer in ("G 1 Linear", "D 0 Conv2d", "D 1 ReLU")
    ]
    np.testing.assert_allclose(table["value"].to_numpy()[:3], [10.03, 10.13, 10.23])
    assert rows(layers.layer_table(keep(probe_of(5)), "zeros"))[0][:2] == (5, 6)


def test_missing_values_have_no_cell(keep):
    found = keep(with_numbers(probe_of(10), weight_norm=[2.0, 0.0, NAN], activation_mean=[np.inf, 0.0, -1.0]))
    assert rows(layers.layer_table(found, "weight_norm")) == [(10, 11, "G 1 Linear", 2.0)]
    # A mean of zero has a cell; only a logarithmic scale excludes it.
    assert [row[2:] for row in rows(layers.layer_table(found, "activation_mean"))] == [
        ("D 0 Conv2d", 0.0),
        ("D 1 ReLU", -1.0),
    ]


def test_the_ratio_is_of_update_to_weight(keep):
    found = keep(with_numbers(probe_of(10), weight_norm=[2.0, 0.0, NAN], update_norm=[0.5, 0.5, NAN]))
    assert rows(layers.layer_table(found, "update_ratio")) == [(10, 11, "G 1 Linear", 0.25)]


def test_every_quantity_has_a_table_and_every_measured_number_is_a_quantity(keep):
    assert set(NUMBERS) < set(QUANTITIES)
    assert all(layers.layer_table(keep(probe_of(10)), quantity).num_rows == 3 for quantity in QUANTITIES)


def test_the_newest_column_in_a_sentence(keep):
    found = keep(probe_of(10), with_numbers(probe_of(1200), gradient_norm=[0.5, NAN, 0.00004]))
    assert layers.extremes(found, "gradient_norm") == (
        "After step 1,200: largest 0.5 in G 1 Linear, smallest 4.000e-05 in D 1 ReLU."
    )
    assert layers.extremes(keep(with_numbers(probe_of(10), weight_norm=[NAN] * 3)), "weight_norm") == ""


def test_shares_of_a_histogram_add_up_and_empty_bins_have_no_row(keep):
    counts = np.zeros(BINS, np.int64)
    counts[[0, 33, 40]] = 1, 2, 1
    first = probe_of(10)
    second = replace(first.layers[1], weight_histogram=counts)
    changed = replace(first, layers=(first.layers[0], second, *first.layers[2:]))
    table = layers.histogram_table(keep(changed, probe_of(20)), 1, "weight_histogram")
    assert table.column_names == ["start", "end", "low", "high", "share"]
    found = rows(table)
    assert found[:3] == [
        (10, 20, 2 * EDGES[1], EDGES[1], 0.25),
        (10, 20, EDGES[33], EDGES[34], 0.5),
        (10, 20, EDGES[40], EDGES[41], 0.25),
    ]
    assert len(found) == 3 + BINS
    assert sum(share for *_, share in found) == pytest.approx(2)
    assert np.isfinite(table["low"].to_numpy()).all() and np.isfinite(table["high"].to_numpy()).all()


def test_a_layer_without_weights_has_no_weight_histogram(keep):
    probe = probe_of(10)
    bare = replace(probe.layers[0], weight_histogram=np.zeros(BINS, np.int64))
    found = keep(replace(probe, layers=(bare, *probe.layers[1:])))
    assert layers.histogram_table(found, 0, "weight_histogram").num_rows == 0


def test_score_lines_are_histogram_outlines_from_the_first_edge_to_the_last(keep):
    found = layers.score_lines(keep(probe_of(10)))
    assert found.step == 10
    lines = found.lines.to_pandas().groupby("group", sort=False)
    assert list(lines.groups) == ["real", "fake", "held-out"]
    for _, line in lines:
        np.testing.assert_allclose(line["x"], np.linspace(0, 1, SCORE_BINS + 1))
        assert line["share"][:-1].sum() == pytest.approx(1)
        assert line["share"].iloc[-1] == line["share"].iloc[-2]
    assert rows(found.means) == [("real", 0.25), ("fake", 0.25), ("held-out", 0.25)]


@pytest.mark.parametrize(("step", "shown"), [(None, 30), (30, 30), (29, 20), (10, 10), (9, None), (10**12, 30)])
def test_score_lines_are_of_the_newest_probe_or_the_last_up_to_a_step(keep, step, shown):
    lines = layers.score_lines(keep(*map(probe_of, (10, 20, 30))), step)
    assert (lines and lines.step) == shown


def test_a_group_without_images_has_no_line(keep):
    probe = probe_of(10)
    counts = {**probe.scores.counts, "held-out": np.zeros(SCORE_BINS, np.int64)}
    found = layers.score_lines(keep(replace(probe, scores=replace(probe.scores, counts=counts))))
    assert set(found.lines["group"].to_pylist()) == {"real", "fake"} == set(found.means["group"].to_pylist())


def test_curves_have_a_point_for_each_step_of_the_chosen_layers_only(keep):
    found = keep(
        with_numbers(probe_of(5), weight_norm=[1.0, 2.0, NAN]), with_numbers(probe_of(9), weight_norm=[3.0, 4.0, NAN])
    )
    _, second, third = layers.layer_labels(found)
    assert rows(layers.layer_curves(found, "weight_norm", [second, third])) == [(5, second, 2.0), (9, second, 4.0)]
    assert rows(layers.layer_curves(found, "weight_norm", [])) == []
