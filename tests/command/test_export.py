"""`export`: the metrics of a run as a file."""


def test_a_csv_has_the_step_and_a_column_a_metric(with_run: Run, tmp_path: Path) -> None:
    code, facts, _ = with_run("export", "latest", "--to", "csv", "--out", tmp_path / "run.csv")
    assert (code, facts["steps"]) == (0, 10)
    with (tmp_path / "run.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["step"]) for row in rows] == list(range(1, 11))
    assert rows[0].keys() >= METRICS
