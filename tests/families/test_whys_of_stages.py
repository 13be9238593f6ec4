import re
from pathlib import Path

import pytest

from pipeline.families.shared_words import WORDS
from pipeline.families.words import Words, words_fault
from pipeline.nodes.catalogue import NODES

assert NODES, "importing the catalogue registers the built-in families"
from pipeline.families.family import FAMILIES  # noqa: E402

PIPELINE = Path(__file__).parents[2] / "pipeline"
BUILT_IN = [family for family in FAMILIES if (PIPELINE / "families" / family.name).is_dir()]


@pytest.mark.parametrize("family", BUILT_IN, ids=lambda family: family.name)
def test_every_stage_of_a_built_in_family_says_why_it_is_there(family):
    whys = {**WORDS.whys, **family.words.whys}
    source = "".join(path.read_text(encoding="utf-8") for path in (PIPELINE / "families" / family.name).glob("*.py"))
    stages = {*family.words.describers, *WORDS.describers, *re.findall(r'Operation\("([^"]+)"', source)}
    assert stages <= whys.keys()


def test_stages_of_nodes_that_stack_on_a_loss_say_why_they_are_there():
    named = {
        name
        for path in (PIPELINE / "nodes").rglob("*.py")
        for name in re.findall(r'Operation\("([^"]+)"', path.read_text(encoding="utf-8"))
    }
    assert named and named <= {name for family in BUILT_IN for name in family.words.whys}


@pytest.mark.parametrize("words", [WORDS, *(family.words for family in BUILT_IN)])
def test_a_why_has_two_sentences_and_a_source_with_a_year_and_an_address(words):
    for name, why in words.whys.items():
        assert len(re.findall(r"[.](?: |$)", why.text)) == 2, name
        assert re.search(r"\b(19|20)\d\d\b", why.source) and why.url.startswith("https://"), name


def test_a_why_of_another_type_is_refused():
    assert words_fault(Words(whys={"loss": "because"})) == "'loss' among the whys of its words is not a Why"
