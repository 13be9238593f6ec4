"""`.github/GLOSSARY.md` against the code: old names are gone, new ones exist."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.source_texts import ROOT, source_texts

GLOSSARY = ROOT / ".github/GLOSSARY.md"
HERE = {GLOSSARY, Path(__file__)}


def section(title: str) -> list[list[str]]:
    """The rows of a section's table, each cell as the names in it."""
    text = GLOSSARY.read_text(encoding="utf-8").split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `")]
    assert rows, f"the glossary has no table under {title!r}"
    return rows


def names_in(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def full_name(short: str) -> str:
    return f"pages.{short}" if short.startswith("components.") else f"pipeline.{short}"


def path_of(module: str) -> Path:
    return ROOT.joinpath(*module.split(".")).with_suffix(".py")


MODULES = [
    (full_name(names_in(old)[0]), [full_name(name) for name in names_in(new)]) for old, new in section("Modules")
]
NAMES = [tuple(names_in(cell)[0] for cell in row) for row in section("Functions, types and constants")]


def texts() -> Iterator[tuple[Path, str]]:
    found = source_texts(".py", ".md", ".toml", ".yaml", ".txt", ".json")
    return ((path, text) for path, text in found if path not in HERE)


def test_an_old_module_is_gone_and_its_new_one_is_there() -> None:
    assert [old for old, _ in MODULES if path_of(old).exists()] == []
    assert [new for _, news in MODULES for new in news if not path_of(new).is_file()] == []


def test_no_text_mentions_an_old_module() -> None:
    # A name that is a folder now (`nodes.training`) may be mentioned as one.
    old = [module for module, _ in MODULES if not path_of(module).with_suffix("").is_dir()]
    dotted = re.compile(r"(?<![\w.])(?:" + "|".join(map(re.escape, old)) + r")(?!\w)")
    files = re.compile(r"(?<![\w/])(?:" + "|".join(re.escape(module.replace(".", "/")) for module in old) + r")\.py\b")
    wrong = [f"{path.relative_to(ROOT)}: {hit}" for path, text in texts() for hit in found(text, dotted, files)]
    assert wrong == []


def found(text: str, *patterns: re.Pattern[str]) -> list[str]:
    return [match.group() for pattern in patterns for match in pattern.finditer(text)]


@pytest.mark.parametrize("module", sorted({module for module, _, _ in NAMES}))
def test_names_of_a_module_are_the_new_ones(module: str) -> None:
    defined = set(top_level_names(path_of(full_name(module))))
    of_module = [(old, new) for where, old, new in NAMES if where == module]
    assert [old for old, _ in of_module if old in defined] == []
    assert [new for _, new in of_module if new not in defined] == []


def top_level_names(path: Path) -> Iterator[str]:
    for statement in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            yield statement.name
        elif isinstance(statement, ast.Assign):
            yield from (target.id for target in statement.targets if isinstance(target, ast.Name))
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            yield statement.target.id
