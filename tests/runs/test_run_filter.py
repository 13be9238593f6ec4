"""The orders of runs as text, for the command line and for URLs."""

import pytest

from pipeline.runs.run_filter import Order


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("name", Order("name", descending=False)),
        ("-step", Order("step", descending=True)),
        ("-loss", Order("loss", descending=True, of="last")),
        ("loss:low", Order("loss", descending=False, of="low")),
        ("-loss:high", Order("loss", descending=True, of="high")),
        ("odd:name", Order("odd:name", descending=False)),
    ],
)
def test_an_order_is_read_from_its_text_and_written_as_it(text: str, order: Order) -> None:
    assert Order.parse(text) == order
    assert order.text == text
