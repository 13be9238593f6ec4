"""Run ids are unique, sort by time, and nothing like a path is one."""

import pytest

from pipeline.runs.ids import is_run_id, new_run_id


def test_a_new_id_is_a_run_id_and_no_two_are_alike():
    made = [new_run_id() for _ in range(200)]
    assert all(is_run_id(run) for run in made)
    assert len(set(made)) == 200


def test_ids_sort_by_the_time_they_were_made_at():
    made = [new_run_id() for _ in range(200)]
    # Two made within one microsecond differ by chance only, which is all that the last three digits say.
    assert [run[:-3] for run in made] == sorted(run[:-3] for run in made)


NOT_IDS = ["", "latest", "..", "../../etc/passwd", "/etc/passwd", "20261122-140501-3fa9c2d1/.."]
ALMOST = [
    "20261122-140501-3fa9c2d1\n",
    "20261122-140501-3FA9C2D1",
    "٢٠٢٦١١٢٢-140501-3fa9c2d1",
    "20261122-140501-3fa9c2d1\0",
]


@pytest.mark.parametrize("text", [*NOT_IDS, *ALMOST])
def test_what_is_not_made_by_us_is_no_run_id(text: str):
    assert not is_run_id(text)
