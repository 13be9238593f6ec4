"""Every built-in rule's hint says in a few words what it is about, and why it matters, with a source."""

import ast
import re
from pathlib import Path

import pytest

from pipeline.health.hint import Hint

ROOT = Path(__file__).parents[2] / "pipeline"
CALLS = [
    (f"{path.relative_to(ROOT)}:{call.lineno}", call)
    for folder in ("health", "families")
    for path in sorted((ROOT / folder).rglob("*.py"))
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Hint"
]
WHYS = [
    (f"{path.relative_to(ROOT)}:{call.lineno}", call)
    for folder in ("health", "families")
    for path in sorted((ROOT / folder).rglob("*.py"))
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Why" and path.name not in ("words.py", "whys.py")
]
"""Those of stages and series have tests of their own."""


def test_every_hint_of_a_rule_has_a_headline_and_a_why():
    assert len(CALLS) >= 20
    given = {place: {word.arg for word in call.keywords} for place, call in CALLS}
    # A rule that failed is a fault of its code, not of a run.
    failed = {place for place, call in CALLS if "rule-failed" in ast.unparse(call)}
    assert {place for place, words in given.items() if not {"brief", "why"} <= words} == failed


@pytest.mark.parametrize("call", [call for _, call in WHYS], ids=[place for place, _ in WHYS])
def test_a_why_is_two_sentences_with_a_source_and_its_address(call):
    text = ast.literal_eval(call.args[0])
    assert len(re.findall(r"[.:!?](?: |$)", re.sub(r"\bet al\.", "et al", text).replace(": ", " "))) == 2
    if len(call.args) > 2:
        source, address = map(ast.literal_eval, call.args[1:])
        assert re.search(r"\b(19|20)\d\d\b", source) and address.startswith("https://")


def test_without_words_of_its_own_a_headline_is_the_code():
    assert Hint("rule-failed", "info", {}, "It is so.", "Change it.").headline == "rule failed"
