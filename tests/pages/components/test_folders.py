"""The folders of page components: everything may import `shell`, `shell` imports no other, and there is no circle."""

import ast
from pathlib import Path

COMPONENTS = Path(__file__).resolve().parents[3] / "pages/components"
PACKAGE = ("pages", "components")

IMPORTS = {
    "shell": set(),
    "run": {"shell"},
    "workflow": {"shell", "run"},
    "inspect": {"shell", "workflow"},
    "data": {"shell", "workflow"},
    "film": {"shell"},
    "generate": {"shell"},
}
"""Folder -> the other folders that it imports. The order is that of the dependencies, so a circle cannot be written."""


def test_every_folder_imports_the_folders_that_the_table_names_and_no_others():
    found = {folder: imported_folders(COMPONENTS / folder) for folder in IMPORTS}
    assert found == IMPORTS


def test_every_component_is_in_a_folder():
    assert {path.name for path in COMPONENTS.iterdir() if path.name != "__pycache__"} == set(IMPORTS)


def test_a_folder_imports_only_folders_above_it_in_the_table():
    above: set[str] = set()
    for folder, imported in IMPORTS.items():
        assert imported <= above, folder
        above.add(folder)


def imported_folders(folder: Path) -> set[str]:
    found = set()
    for path in folder.glob("*.py"):
        for statement in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(statement, ast.ImportFrom) and statement.module:
                parts = tuple(statement.module.split("."))
                if parts[:2] == PACKAGE and len(parts) > 2:
                    found.add(parts[2])
                elif parts == PACKAGE:
                    found |= {alias.name for alias in statement.names}
    return found - {folder.name}
