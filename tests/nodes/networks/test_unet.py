"""The UNet node: sizes that leave nothing to learn from are refused before anything is built."""

import pytest

from pipeline.graph.check import check
from pipeline.graph.edit import set_parameter
from pipeline.nodes.catalogue import NODES


@pytest.mark.parametrize(
    ("settings", "mended"),
    [
        (("network.channels=8,8,8,8", "network.patch=1"), "16,16,16,16"),
        (("network.channels=16,16,8,32", "network.patch=1"), "16,16,16,32"),
        (("network.channels=8", "network.patch=8"), "16"),
    ],
)
def test_one_place_of_eight_channels_is_refused(template, settings, mended):
    workflow = flow(template, *settings)
    (problem,) = check(workflow, NODES).problems
    assert (problem.node, problem.input_name, problem.wanted) == ("network", "channels", mended)
    assert "sees one place" in problem.message
    assert check(set_parameter(workflow, "network", "channels", mended, NODES), NODES).ok


@pytest.mark.parametrize("settings", [("network.channels=8,8,8",), ("network.channels=16,16,16,16",)])
def test_more_places_or_channels_are_accepted(template, settings):
    assert check(flow(template, *settings, "network.patch=1"), NODES).ok


def flow(template, *settings):
    return template("flow", "data.dataset=digits", *settings)
