"""The Parquet export contains what was recorded, in columns with types."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from pipeline import VERSION
from pipeline.runs import metrics, point_series
from pipeline.runs.exporting import parquet_files
from pipeline.runs.exporting.csv_files import to_csv
from pipeline.runs.exporting.parquet_files import to_long_parquet, to_wide_parquet
from pipeline.runs.exporting.run_rows import RunRows
from pipeline.runs.store import RunRecord, Store

NewRun = Callable[..., RunRecord]


@pytest.fixture
def two_runs(store: Store, new_run: NewRun) -> list[RunRows]:
    """`a`: loss at steps 1 and 2, diversity before the first step and at step 2. `b`: D_loss at steps 5 to 9004."""
    first, second = new_run(name="a"), new_run(name="b")
    point_series.record(store, first.id, 0, {"diversity": 1.5})
    metrics.append(store, first.id, 1, ["loss"], [[0.1], [np.nan]])
    point_series.record(store, first.id, 2, {"diversity": 0.5})
    metrics.append(store, second.id, 5, ["D_loss"], np.arange(9000, dtype=np.float32)[:, None])
    return [RunRows(store, first), RunRows(store, second)]


def test_a_wide_file_has_a_typed_column_per_metric_and_null_where_nothing_was_measured(
    tmp_path: Path, two_runs: list[RunRows]
):
    assert to_wide_parquet(two_runs, tmp_path / "out.parquet") == 9002
    table = parquet.read_table(tmp_path / "out.parquet")
    text = pa.dictionary(pa.int32(), pa.string())
    assert table.schema.names == ["run", "name", "step", "loss", "diversity", "D_loss"]
    assert table.schema.types == [text, text, pa.int64(), *3 * [pa.float32()]]
    first, second = (table.slice(0, 2).to_pydict(), table.slice(2).to_pydict())
    assert first["run"] == 2 * [two_runs[0].record.id] and set(second["run"]) == {two_runs[1].record.id}
    assert (first["step"], first["diversity"], first["D_loss"]) == ([1, 2], [None, 0.5], [None, None])
    assert first["loss"][0] == np.float32(0.1) and np.isnan(first["loss"][1])
    assert second["step"] == list(range(5, 9005)) and second["D_loss"] == list(range(9000))
    assert set(second["name"]) == {"b"} and set(second["loss"]) == {None}


def test_a_long_file_has_a_row_per_value(tmp_path: Path, two_runs: list[RunRows]):
    assert to_long_parquet(two_runs, tmp_path / "out.parquet") == 9003
    rows = parquet.read_table(tmp_path / "out.parquet").slice(0, 4).to_pylist()
    assert [(row["name"], row["step"], row["metric"], row["value"]) for row in rows] == [
        ("a", 0, "diversity", 1.5),
        ("a", 1, "loss", np.float32(0.1)),
        ("a", 2, "diversity", 0.5),
        ("b", 5, "D_loss", 0),
    ]


def test_the_metadata_name_the_runs_and_the_version(tmp_path: Path, two_runs: list[RunRows]):
    to_wide_parquet(two_runs, tmp_path / "out.parquet")
    facts = json.loads(parquet.read_metadata(tmp_path / "out.parquet").metadata[parquet_files.METADATA])
    assert facts["version"] == VERSION
    assert [run["id"] for run in facts["runs"]] == [run.record.id for run in two_runs]


def test_rows_are_written_in_groups_so_that_memory_is_bounded(
    tmp_path: Path, two_runs: list[RunRows], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(parquet_files, "GROUP", 4000)
    to_wide_parquet(two_runs, tmp_path / "out.parquet")
    facts = parquet.read_metadata(tmp_path / "out.parquet")
    groups = [facts.row_group(place).num_rows for place in range(facts.num_row_groups)]
    # A group ends with the block that fills it, and blocks hold at most 4,096 steps.
    assert sum(groups) == 9002 and len(groups) == 3 and max(groups) < 4000 + 4096


def test_csv_and_parquet_have_the_same_rows(tmp_path: Path, store: Store, two_runs: list[RunRows]):
    to_wide_parquet(two_runs[:1], tmp_path / "out.parquet")
    to_csv(store, two_runs[0].record.id, tmp_path / "out.csv")
    assert parquet.read_table(tmp_path / "out.parquet").num_rows == len((tmp_path / "out.csv").read_text().split()) - 1
