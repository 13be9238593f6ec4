"""Names that Genscope itself records are refused for the series of custom families and nodes."""

import pytest

from pipeline.runs.series import CLOCKS, Series
from pipeline.runs.series_fault import series_fault
from pipeline.runs.system_series import SYSTEM


@pytest.mark.parametrize("name", [each.name for each in (*CLOCKS, *SYSTEM)])
def test_a_name_of_every_run_is_taken(name: str) -> None:
    assert f"already records a series {name!r}" in series_fault([Series(name, "something else", None)])


def test_what_a_run_takes_of_the_machine_is_drawn_on_request_in_a_section_of_its_own() -> None:
    assert all(each.chart is not None and each.chart.folded and each.chart.system for each in SYSTEM)
