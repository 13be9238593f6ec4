"""Which ends of networks fit which range of values."""

import pytest

from pipeline.data.value_range import SIGNED, UNIT
from pipeline.graph.node import Misfit
from pipeline.nodes.ends import end_misfit
from pipeline.nodes.ports import GeneratorPort


def test_an_end_of_another_range_is_told_with_both_ways_out():
    assert end_misfit("tanh", SIGNED) == end_misfit("sigmoid", UNIT) == end_misfit(None, UNIT) == ""
    assert end_misfit("sigmoid", SIGNED) == (
        "ends in a sigmoid, which gives images from 0 to 1, but the real images are scaled to -1 to 1: end it in a "
        "tanh, or set the value range of the images to 0 to 1."
    )


def test_an_end_that_a_custom_node_declares_is_checked_without_building_it():
    declared = GeneratorPort(None, (1, 8, 8), 4, end="sigmoid")
    declared.require_range(UNIT)
    with pytest.raises(Misfit, match="Generator ends in a sigmoid, which gives images from 0 to 1"):
        declared.require_range(SIGNED, wire="generator")
    GeneratorPort(None, (1, 8, 8), 4).require_range(UNIT)
