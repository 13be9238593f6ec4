"""The folders of page components: everything may import `shell`, `shell` imports no other, and there is no circle."""

from pathlib import Path

from tests.test_ladder import imports_of

COMPONENTS = Path(__file__).resolve().parents[3] / "pages/components"

IMPORTS = {
    "shell": set(),
    "run": {"shell"},
    "workflow": {"shell", "run"},
    "inspect": {"shell", "workflow"},
    "data": {"shell", "workflow"},
    "draw": {"shell"},
    "film": {"shell", "draw"},
    "generate": {"shell", "draw"},
    "evaluate": {"shell", "draw"},
    "runs": {"shell", "run"},
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
    modules = [module.split(".") for path in folder.glob("*.py") for module in imports_of(path)]
    return {parts[2] for parts in modules if parts[:2] == ["pages", "components"]} - {folder.name}
