import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.components.shell.streamlit_gaps import escape


@given(st.text())
def test_every_character_is_kept_except_that_white_space_is_collapsed(text):
    assert re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", escape(text)) == " ".join(text.split())


@pytest.mark.parametrize("mark", list("\\`*_{}[]()<>#+-.!|~$:&"))
def test_every_markdown_character_is_escaped(mark):
    assert escape(f"a{mark}b") == f"a\\{mark}b"


@given(st.text("ab \n\t#>-*"))
def test_no_text_starts_a_markdown_block_or_a_new_line(text):
    assert "\n" not in escape(text) and not escape(text).startswith(("#", ">", "-", "*", " ", "\t"))
