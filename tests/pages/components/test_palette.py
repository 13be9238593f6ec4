from itertools import combinations

import pytest

from pages.components.shell.palette import COLOURS, DASHES, lines_of, plain_line
from pipeline.families.family import FAMILIES
from pipeline.nodes.losses.penalties import DRAGAN, GRADIENT_PENALTY, R1, R2
from pipeline.nodes.losses.weight_bounds import WEIGHTS
from pipeline.runs.series import LOSS, Series

OF_NODES = {"adversarial": (GRADIENT_PENALTY, DRAGAN, R1, R2, *WEIGHTS.values()), "autoencoder": ()}
"""What nodes record beside their family."""


def own(name, dash="solid"):
    return Series(name, "what it is", LOSS, "sky", dash)


def test_a_line_is_drawn_as_it_is_declared():
    line = lines_of([own("a", "dotted")])[0]
    assert (line.name, COLOURS["sky"], DASHES[line.dash]) == ("a", line.colour, [2, 2])


def test_of_two_lines_of_a_chart_that_declare_the_same_dash_the_second_gets_one_that_is_free():
    lines = lines_of([own("a"), own("b"), own("c", "dashed"), own("d")])
    assert [line.dash for line in lines] == ["solid", "dotted", "dashed", "dash-dot"]


def test_more_lines_than_there_are_dashes_are_drawn_all_the_same():
    assert len(lines_of([own(str(number)) for number in range(9)])) == 9


def test_what_is_watched_is_grey():
    assert plain_line("a > 2") == ("a > 2", "#7A7A7A", "solid")


@pytest.mark.parametrize("family", list(FAMILIES), ids=lambda family: family.name)
def test_no_two_lines_of_a_familys_chart_declare_the_same_dash(family):
    drawn = [each for each in (*family.series, *OF_NODES[family.name]) if each.chart]
    for one, other in combinations(drawn, 2):
        if one.chart.title == other.chart.title:
            assert one.dash != other.dash, f"{one.name} and {other.name}"
