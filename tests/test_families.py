"""No file outside families, nodes, models, objectives and loops by hand may name a role or a series of a family.

A role counts wherever it is a word: in an identifier (`discriminator_updates`), a string, a docstring, a comment.
Exceptions: random number generators, the discriminator of a tagged union of pydantic, Streamlit's DeltaGenerator, and
"image generator", the general term for everything that Genscope trains.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import pipeline
from pipeline.families.family import FAMILIES
from pipeline.nodes.catalogue import NODES

ROOT = Path(pipeline.__file__).parent.parent
AT_HOME = tuple(ROOT / "pipeline" / room for room in ("families", "nodes", "models", "objectives", "bench/loops"))
"""The folders that may name roles and series. Each loop by hand is that of one family."""

ROLES = frozenset(role.name for family in FAMILIES for role in family.roles)
SERIES = frozenset(FAMILIES.series) - {"loss", "reconstruction"}
"""These two are common words too, and mostly mean something else."""

FROM_ELSEWHERE = re.compile(
    r"\bimage generator\b|\brandom number generators?\b|\bdiscriminator=(?=\"kind\")"
    r"|(torch|np\.random)\.Generator\b|\bgenerator=(?=random\b)|DeltaGenerator\b|\bdelta_generator\b"
)
IDENTIFIER = re.compile(r"\w+")
PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def files() -> list[Path]:
    found = [ROOT / "Home.py", *(ROOT / "pages").rglob("*.py"), *(ROOT / "pipeline").rglob("*.py")]
    return sorted(path for path in found if not any(path.is_relative_to(folder) for folder in AT_HOME))


def named_in(source: str) -> Iterator[str]:
    """Yield the roles and series that a source names."""
    for identifier in IDENTIFIER.findall(FROM_ELSEWHERE.sub("", source)):
        if identifier in SERIES:
            yield identifier
        yield from (part.lower() for part in PART.findall(identifier) if part.lower() in ROLES)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("discriminator_updates = 1", ["discriminator"]),
        ("class MLPGenerator: ...", ["generator"]),
        ("# output of the Encoder", ["encoder"]),
        ('"""Of a decoder."""', ["decoder"]),
        ('metric = "D_loss"', ["D_loss"]),
        ("loss = a + b  # the autoencoder's loss", []),
        ("def draw(random: torch.Generator) -> Tensor: return torch.rand(3, generator=random)", []),
        ("def place() -> DeltaGenerator: ...", []),
    ],
)
def test_a_name_is_found_wherever_it_is_a_word(source: str, found: list[str]) -> None:
    assert list(named_in(source)) == found


def test_no_file_outside_families_names_a_role_or_a_series_of_one() -> None:
    assert len(files()) > 100 and len(NODES.names()) > 30
    named = {path: sorted(set(named_in(path.read_text(encoding="utf-8")))) for path in files()}
    assert {str(path.relative_to(ROOT)): found for path, found in named.items() if found} == {}
