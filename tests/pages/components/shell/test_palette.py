from itertools import combinations

import pytest

from pages.components.shell.palette import COLOURS, DASHES, lines_of, plain_line
from pipeline.families.family import FAMILIES
from pipeline.nodes.losses.penalties import DRAGAN, GRADIENT_PENALTY, R1, R2
from pipeline.nodes.losses.weight_bounds import WEIGHTS
from pipeline.runs.series import LOSS, Series

OF_NODES = {"adversarial": (GRADIENT_PENALTY, DRAGAN, R1, R2, *WEIGHTS.values())}
"""Series that nodes record in addition to their family's."""


def own(name, dash="solid"):
    return Series(name, "what it is", LOSS, "sky", dash)


def test_a_line_has_its_declared_colour_and_dash():
    line = lines_of([own("a", "dotted")])[0]
    assert (line.name, COLOURS["sky"], DASHES[line.dash]) == ("a", line.colour, [2, 2])


def test_the_second_of_two_lines_with_the_same_declared_dash_gets_a_free_one():
    lines = lines_of([own("a"), own("b"), own("c", "dashed"), own("d")])
    assert [line.dash for line in lines] == ["solid", "dotted", "dashed", "dash-dot"]


def test_a_chart_may_have_more_lines_than_there_are_dashes():
    assert len(lines_of([own(str(number)) for number in range(9)])) == 9


def test_a_watch_is_grey():
    assert plain_line("a > 2") == ("a > 2", "#7A7A7A", "solid", False)


@pytest.mark.parametrize("family", list(FAMILIES), ids=lambda family: family.name)
def test_no_two_lines_of_a_familys_chart_declare_the_same_dash(family):
    drawn = [each for each in (*family.series, *OF_NODES.get(family.name, ())) if each.chart]
    for one, other in combinations(drawn, 2):
        if one.chart.title == other.chart.title:
            assert one.dash != other.dash, f"{one.name} and {other.name}"
