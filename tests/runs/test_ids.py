"""Run ids are unique and sort by time, and no path is a valid id."""

import pytest

from pipeline.runs.ids import is_run_id, new_run_id


def test_new_ids_are_valid_and_unique():
    made = [new_run_id() for _ in range(200)]
    assert all(is_run_id(run) for run in made)
    assert len(set(made)) == 200


def test_ids_sort_by_time_of_creation():
    made = [new_run_id() for _ in range(200)]
    # Two ids made within one microsecond differ only in the random part, the last three digits.
    assert [run[:-3] for run in made] == sorted(run[:-3] for run in made)


NOT_IDS = ["", "latest", "..", "../../etc/passwd", "/etc/passwd", "20261122-140501-3fa9c2d1/.."]
ALMOST = [
    "20261122-140501-3fa9c2d1\n",
    "20261122-140501-3FA9C2D1",
    "٢٠٢٦١١٢٢-140501-3fa9c2d1",
    "20261122-140501-3fa9c2d1\0",
]


@pytest.mark.parametrize("text", [*NOT_IDS, *ALMOST])
def test_other_texts_are_not_run_ids(text: str):
    assert not is_run_id(text)
