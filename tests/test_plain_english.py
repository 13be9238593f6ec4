"""Texts are plain English: no word of the dialect that they once spoke, in code, docstrings, tests or documents."""

import re
from pathlib import Path

import pytest

from tests.source_texts import ROOT, source_texts

EXEMPT = {ROOT / ".github/GLOSSARY.md", Path(__file__)}

DIALECT = re.compile(
    r"\b(?:afresh|anew|reckon\w*|heed(?:s|ed|ing)?|hindrances?|whose it is|(?:is|are|was) told of|told of"
    r"|take[sn]? up|taking up|took up|none the worse|be there a|leaves? word|left word|to be had|becomes? of"
    r"|one's own|somebody|held against|begun afresh|looks? again|have it read)\b",
    re.IGNORECASE,
)


def texts() -> dict[str, str]:
    found = source_texts(".py", ".md", ".toml", ".yaml")
    return {str(path.relative_to(ROOT)): text for path, text in found if path not in EXEMPT}


def test_no_text_speaks_the_dialect() -> None:
    wrong = [
        f"{name}:{number}: {match.group()}"
        for name, text in texts().items()
        for number, line in enumerate(text.splitlines(), 1)
        for match in DIALECT.finditer(line)
    ]
    assert wrong == []


@pytest.mark.parametrize("phrase", ["Read anew", "he heeds it", "a run is taken up", "nodes of one's own"])
def test_its_words_are_recognised(phrase: str) -> None:
    assert DIALECT.search(phrase)
