from dataclasses import replace

import pytest

from pages.components.runs.run_lines import lines_of_runs
from pages.components.shell.palette import CLASS_COLOURS


@pytest.fixture
def runs(new_run):
    record = new_run()
    return [replace(record, id=f"20261129-120000-{number:08x}", name=f"run {number}") for number in range(12)]


def test_a_run_keeps_its_colour_beside_others(runs):
    alone = lines_of_runs(runs[:1])[runs[0].id].colour
    assert lines_of_runs(runs)[runs[0].id].colour == alone


def test_as_many_runs_as_there_are_colours_all_differ(runs):
    count = len(CLASS_COLOURS)
    assert len({line.colour for line in lines_of_runs(runs[:count]).values()}) == count


def test_runs_of_one_colour_differ_in_their_dash(runs):
    looks = [(line.colour, line.dash) for line in lines_of_runs(runs).values()]
    assert len(set(looks)) == len(runs)
