"""Parsers of option values."""

from argparse import ArgumentTypeError

import pytest

from pipeline.command.numbers import integer


@pytest.mark.parametrize("text", ["x", "1.5", "1e3", ""])
def test_what_is_not_a_whole_number_is_named_in_plain_words(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match=f"'{text}' is not a whole number"):
        integer(text)
