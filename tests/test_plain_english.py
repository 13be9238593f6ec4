"""Texts are plain English: no word of the dialect that they once spoke, in code, docstrings, tests or documents."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
EXEMPT = {ROOT / ".github/GLOSSARY.md", Path(__file__)}

DIALECT = re.compile(
    r"\b(?:afresh|anew|reckon\w*|heed(?:s|ed|ing)?|hindrances?|whose it is|(?:is|are|was) told of|told of"
    r"|take[sn]? up|taking up|took up|none the worse|be there a|leaves? word|left word|to be had|becomes? of"
    r"|one's own|somebody|held against|begun afresh|looks? again|have it read)\b",
    re.IGNORECASE,
)


def texts() -> dict[str, str]:
    listed = subprocess.check_output(["git", "ls-files"], cwd=ROOT, text=True).splitlines()
    paths = [ROOT / name for name in listed if name.endswith((".py", ".md", ".toml", ".yaml"))]
    return {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in paths if path not in EXEMPT}


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
