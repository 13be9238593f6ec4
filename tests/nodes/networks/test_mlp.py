import pytest
from pydantic import ValidationError

from pipeline.graph.node import Link
from pipeline.nodes.networks.mlp import MLPGenerator, widths


def test_widths_are_parsed_with_or_without_spaces():
    assert widths("128, 256,512") == (128, 256, 512)
    assert widths("7") == (7,)


@pytest.mark.parametrize(
    "hidden", ["", ",", "128,", "0", "-1", "1.5", "a", "4097", "99999", "²", "1;2", "8," * 8 + "8"]
)
def test_an_invalid_list_of_widths_is_refused(hidden):
    with pytest.raises(ValidationError):
        MLPGenerator(noise=Link("noise"), hidden=hidden)
