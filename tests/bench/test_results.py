"""Medians, ranges, verdicts, the table and the exit code of `bench`, on numbers that are made up."""

import math

import pytest

from pipeline.bench.declaration import Aim, Effort, Measurement, NotMeasured, Row, Workbench
from pipeline.bench.results import Result, as_rows, exit_code, remarks
from pipeline.bench.running import take
from pipeline.errors.base import Fault

FAST = Row("loop", "speed", Aim("at least", 0.98))
SMALL = Row("memory", "growth", Aim("at most", 50), "kB")
EXCUSED = Row("passes", "time", Aim("at most", 1.08), reason="Its batches are small.")
TOLD = Row("ranks", "speed of two")
EFFORT = Effort(rounds=1, turn=0.1)


def test_the_median_and_the_range_are_those_of_the_turns():
    result = Result(FAST, (1.2, 0.9, 1.0))
    assert (result.median, result.as_dict()["low"], result.as_dict()["high"]) == (1.0, 0.9, 1.2)
    assert Result(FAST, (1.0, 2.0, 4.0, 3.0)).median == 2.5


@pytest.mark.parametrize(
    ("row", "values", "verdict", "code"),
    [
        (FAST, (0.98,), "met", 0),
        (FAST, (0.97, 0.5, 0.99), "missed", 1),
        (SMALL, (50.0,), "met", 0),
        (SMALL, (50.1,), "missed", 1),
        (FAST, (math.nan,), "missed", 1),
        (EXCUSED, (1.2,), "missed for a reason", 0),
        (EXCUSED, (1.0,), "met", 0),
        (TOLD, (0.1,), "no aim", 0),
        (FAST, (), "not measured", 0),
    ],
)
def test_a_missed_aim_without_a_reason_makes_the_command_fail(row, values, verdict, code):
    result = Result(row, values)
    assert result.verdict == verdict
    assert exit_code([Result(TOLD, (1.0,)), result]) == code
    assert exit_code([result], rough=True) == 0


def test_a_reason_stands_below_the_table_only_if_it_is_needed():
    missed, met = Result(EXCUSED, (1.2,)), Result(EXCUSED, (1.0,))
    assert remarks([missed]) == ["passes: Its batches are small."]
    assert remarks([met]) == []


def test_the_table_has_a_line_for_every_row():
    headings, fast, small = as_rows([Result(FAST, (0.9, 1.0, 1.1)), Result(SMALL, why="No memory.")])
    assert headings[0] == "measured"
    assert fast == ("loop: speed", "1.000", "0.900 to 1.100", "3", "≥ 0.98", "met")
    assert small == ("memory: growth", "–", "–", "0", "≤ 50", "not measured")


def test_what_cannot_be_measured_does_not_keep_the_rest_from_it():
    def lacking(bench: Workbench):
        raise NotMeasured("There is no Chromium.")

    def failing(bench: Workbench):
        raise Fault("The server ended.")

    def broken(bench: Workbench):
        raise ValueError("no such element")

    def working(bench: Workbench):
        assert bench.folder.is_dir() and not list(bench.folder.iterdir())
        bench.say("counts")
        return {"ranks": [1.5]}

    said: list[str] = []
    measurements = [
        Measurement("start", (FAST,), 1.0, lacking),
        Measurement("viewers", (SMALL,), 1.0, failing),
        Measurement("page", (FAST,), 1.0, broken),
        Measurement("ranks", (TOLD,), 1.0, working),
    ]
    found = list(take(measurements, EFFORT, said.append))
    assert [(result.verdict, result.why) for result in found] == [
        ("not measured", "There is no Chromium."),
        ("failed", "The server ended."),
        ("failed", "ValueError: no such element"),
        ("no aim", ""),
    ]
    assert exit_code(found) == 1 and exit_code([found[0], found[3]]) == 0
    assert "4 of 4, ranks: counts" in said
