"""`export`: the metrics of a run as a file."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

Run = Callable[..., tuple[int, dict[str, Any], str]]


def test_a_csv_has_one_row_per_step_and_one_column_per_metric(run_at_home: Run, tmp_path: Path) -> None:
    code, facts, _ = run_at_home("export", "latest", "--to", "csv", "--out", tmp_path / "run.csv")
    assert (code, facts["steps"]) == (0, 10)
    with (tmp_path / "run.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["step"]) for row in rows] == list(range(1, 11))
    assert rows[0].keys() >= {"D_loss", "G_loss", "D_real", "D_fake", "D_grad_norm", "G_grad_norm", "images_per_second"}
