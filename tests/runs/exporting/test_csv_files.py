"""The CSV export contains what was recorded."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline.errors.machine import CannotWrite
from pipeline.errors.runs import UnknownRun
from pipeline.runs import metrics, point_series
from pipeline.runs.exporting.csv_files import to_csv, to_long_csv, to_wide_csv
from pipeline.runs.exporting.run_rows import RunRows
from pipeline.runs.store import RunRecord, Store
from tests.runs.databases import SQLITE

DATABASES = SQLITE

NewRun = Callable[..., RunRecord]


def rows_of(store: Store, *runs: RunRecord) -> list[RunRows]:
    return [RunRows(store, run) for run in runs]


def test_a_csv_has_the_step_and_a_column_per_metric_at_full_precision(tmp_path: Path, store: Store, new_run: NewRun):
    run = new_run().id
    metrics.append(store, run, 1, ["D_loss", "G_loss"], [[0.1, 2.0], [0.7, np.nan], [np.inf, -1e-7]])
    assert to_csv(store, run, tmp_path / "out.csv") == 3
    assert (tmp_path / "out.csv").read_text() == "step,D_loss,G_loss\n1,0.1,2.0\n2,0.7,nan\n3,inf,-1e-07\n"


def test_a_long_run_comes_back_from_its_csv_unchanged(tmp_path: Path, store: Store, new_run: NewRun):
    run = new_run().id
    values = np.random.default_rng(0).standard_normal((9000, 2), dtype=np.float32)
    metrics.append(store, run, 501, ["a", "b"], values)
    assert to_csv(store, run, tmp_path / "out.csv") == 9000
    table = pd.read_csv(tmp_path / "out.csv", dtype={"a": np.float32, "b": np.float32})
    np.testing.assert_array_equal(table["step"], np.arange(501, 9501))
    np.testing.assert_array_equal(table[["a", "b"]].to_numpy(), values)


def test_a_run_without_metrics_gives_only_a_heading(tmp_path: Path, store: Store, new_run: NewRun):
    assert to_csv(store, new_run().id, tmp_path / "out.csv") == 0
    assert (tmp_path / "out.csv").read_text() == "step\n"


def test_an_export_that_cannot_be_written_leaves_nothing(tmp_path: Path, store: Store, new_run: NewRun):
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(UnknownRun):
        to_csv(store, "20200101-000000-00000000", tmp_path / "out.csv")
    run = new_run().id
    with pytest.raises(CannotWrite, match=r"out\.csv cannot be written: no such file or directory"):
        to_csv(store, run, tmp_path / "missing" / "out.csv")
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "runs") == before


def test_a_measurement_is_in_the_row_of_its_step_and_the_other_rows_are_empty(
    tmp_path: Path, store: Store, new_run: NewRun
):
    run = new_run().id
    point_series.record(store, run, 0, {"diversity": 0.5})
    metrics.append(store, run, 1, ["loss"], [[0.5], [np.nan]])
    point_series.record(store, run, 2, {"diversity": 0.1})
    metrics.append(store, run, 3, ["loss"], [[0.25], [0.125]])
    point_series.record(store, run, 4, {"diversity": np.nan})
    assert to_csv(store, run, tmp_path / "out.csv") == 4
    assert (tmp_path / "out.csv").read_text() == "step,loss,diversity\n1,0.5,\n2,nan,0.1\n3,0.25,\n4,0.125,nan\n"


def test_measurements_that_an_older_version_repeated_stand_at_their_steps_too(
    tmp_path: Path, store: Store, new_run: NewRun
):
    run = new_run().id
    metrics.append(store, run, 1, ["loss", "diversity"], [[4, 0.5], [3, 0.5], [2, 0.75], [1, 0.75]])
    to_csv(store, run, tmp_path / "out.csv", ["diversity"])
    assert (tmp_path / "out.csv").read_text() == "step,loss,diversity\n1,4.0,\n2,3.0,0.75\n3,2.0,\n4,1.0,\n"


def test_several_runs_share_a_file_with_a_column_for_each_metric_of_any_of_them(
    tmp_path: Path, store: Store, new_run: NewRun
):
    first, second = new_run(name="a, b"), new_run(name="b")
    metrics.append(store, first.id, 1, ["loss", "run"], [[0.1, 7], [np.nan, 8]])
    metrics.append(store, second.id, 5, ["D_loss"], [[2.0]])
    point_series.record(store, second.id, 5, {"diversity": 0.5})
    assert to_wide_csv(rows_of(store, first, second), tmp_path / "out.csv") == 3
    assert (tmp_path / "out.csv").read_text() == (
        "run,name,step,loss,run (metric),D_loss,diversity\n"
        f'{first.id},"a, b",1,0.1,7.0,,\n'
        f'{first.id},"a, b",2,nan,8.0,,\n'
        f"{second.id},b,5,,,2.0,0.5\n"
    )


def test_a_long_file_has_a_line_for_every_value_and_the_state_before_the_first_step(
    tmp_path: Path, store: Store, new_run: NewRun
):
    first, second = new_run(name="a"), new_run(name="b")
    point_series.record(store, first.id, 0, {"diversity": 1.5})
    metrics.append(store, first.id, 1, ["loss"], [[0.1], [np.nan]])
    point_series.record(store, first.id, 2, {"diversity": 0.5})
    metrics.append(store, second.id, 1, ["loss"], [[3.0]])
    assert to_long_csv(rows_of(store, first, second), tmp_path / "out.csv") == 4
    assert (tmp_path / "out.csv").read_text() == (
        "run,name,step,metric,value\n"
        f"{first.id},a,0,diversity,1.5\n"
        f"{first.id},a,1,loss,0.1\n"
        f"{first.id},a,2,diversity,0.5\n"
        f"{second.id},b,1,loss,3.0\n"
    )


@pytest.mark.parametrize("write", [to_wide_csv, to_long_csv])
def test_an_export_that_is_stopped_leaves_no_file(write, tmp_path: Path, store: Store, new_run: NewRun):
    run = new_run(total_steps=9000)
    metrics.append(store, run.id, 1, ["loss"], np.zeros((9000, 1)))

    def stop(doing: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(rows_of(store, run), tmp_path / "out.csv", stop)
    assert [path.name for path in tmp_path.iterdir() if "csv" in path.name or "partial" in path.name] == []
