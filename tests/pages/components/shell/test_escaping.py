import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.components.shell.escaping import escape


@given(st.text())
def test_every_character_is_kept_except_that_white_space_is_collapsed(text):
    shown = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", escape(text))
    assert shown.replace(":\u2060", ":") == " ".join(text.split()).replace(":\u2060", ":")


@pytest.mark.parametrize("mark", list("\\`*_{}[]()<>#+-.!|~$:&"))
def test_every_markdown_character_is_escaped(mark):
    assert escape(f"a{mark}b") == f"a\\{mark}b"


@given(st.text("ab \n\t#>-*"))
def test_no_text_starts_a_markdown_block_or_a_new_line(text):
    assert "\n" not in escape(text) and not escape(text).startswith(("#", ">", "-", "*", " ", "\t"))


@pytest.mark.parametrize(("text", "kept"), [(":material/home:", False), ("a :+1: b", False), ("12:30:45", True)])
def test_names_of_icons_and_emoji_stay_words(text, kept):
    assert (escape(text).replace("\\", "") == text) == kept
