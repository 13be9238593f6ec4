"""The ladder of `pipeline/__init__.py`, held against what every file imports.

Home.py and `pages/` are the room "pages", `pipeline/__main__.py` belongs to "command"; a room is else a folder.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

import pipeline

ROOT = Path(pipeline.__file__).parent.parent
LONGEST_FILE = 300

LADDER: tuple[frozenset[str], ...] = (
    frozenset({"pages"}),
    frozenset({"command", "api"}),
    frozenset({"studio", "engine"}),
    frozenset({"runtime", "sampling", "inspection", "conditions"}),
    frozenset({"nodes"}),
    frozenset({"families"}),
    frozenset({"training"}),
    frozenset({"runs", "data", "models", "objectives", "augmentation", "health"}),
    frozenset({"graph"}),
    frozenset({"errors"}),
    frozenset({"wording", "colours"}),
)
"""The rooms of the house, line by line, the top first. A line imports only from lines below it."""

NOT_EVEN_FROM_BELOW: dict[str, frozenset[str]] = {
    # The server asks the engine by messages: it shares no code that trains.
    "pages": frozenset(
        {"command", "api", "engine", "sampling", "inspection", "training", "objectives", "augmentation"}
    ),
    "studio": frozenset({"sampling", "inspection", "training", "objectives", "augmentation"}),
    "runtime": frozenset({"nodes", "families", "training", "data", "models", "objectives", "augmentation"}),
    # What a run is like is told from its numbers alone.
    "conditions": frozenset(
        {"nodes", "families", "training", "runs", "data", "models", "objectives", "health", "graph"}
    ),
    "health": frozenset({"graph", "errors", "colours"}),
    # Training knows no graph, and neither does what looks into it; the two meet in nodes.
    "inspection": frozenset({"nodes", "graph"}),
    "training": frozenset({"graph"}),
    "data": frozenset({"graph"}),
    "models": frozenset({"graph"}),
    "objectives": frozenset({"graph"}),
    "augmentation": frozenset({"graph"}),
    "runs": frozenset({"graph"}),
}
"""What a room leaves alone although it lies below: room -> the rooms it does not know."""

SERVER_SIDE = tuple(
    f"pipeline.{room}"
    for room in ("studio", "runtime", "conditions", "health", "nodes", "runs", "graph", "errors", "wording")
)
ALSO_WITHOUT_TORCH = (
    "pipeline.families.family",
    "pipeline.families.adversarial.family",
    "pipeline.families.autoencoder.family",
    "pipeline.colours",
    "pipeline.data.sets",
    "pipeline.models.plan",
    "pipeline.models.mlp",
    "pipeline.models.dcgan",
    "pipeline.training.schedule",
    "pipeline.models.resnet",
    "pipeline.sampling.grid",
)


def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


OURS = [ROOT / "Home.py", *python_files("pages", "pipeline")]


def test_every_folder_of_the_pipeline_stands_on_the_ladder_once() -> None:
    folders = {path.parent.name for path in (ROOT / "pipeline").glob("*/__init__.py")}
    modules = {path.stem for path in (ROOT / "pipeline").glob("*.py")} - {"__init__", "__main__"}
    rungs = [room for line in LADDER for room in line]
    assert sorted(rungs) == sorted(folders | modules | {"pages"})


def test_every_room_is_named_in_the_pipelines_own_table() -> None:
    table = pipeline.__doc__ or ""
    rooms = sorted(room for line in LADDER for room in line)
    assert [room for room in rooms if f"{room}/" not in table and f"{room}.py" not in table] == []


def test_a_line_imports_only_from_lines_below_it() -> None:
    height = {room: -number for number, line in enumerate(LADDER) for room in line}
    wrong = [
        f"{path.relative_to(ROOT)} imports {module}"
        for path in OURS
        for module in imports_of(path)
        if (above := room_of(path)) != (below := room_of_module(module))
        if above and below and (height[below] >= height[above] or below in NOT_EVEN_FROM_BELOW.get(above, ()))
    ]
    assert wrong == []


def test_no_files_import_each_other_in_a_circle_not_even_for_types() -> None:
    ours = {module_name(path): path for path in OURS}
    imported = {name: sorted(ours.keys() & set(imports_of(path))) for name, path in ours.items()}
    assert " imports ".join(circle_in(imported)) == ""


def test_a_circle_is_found_however_long_it_is() -> None:
    assert circle_in({"a": ["b"], "b": ["c"], "c": []}) == []
    assert circle_in({"a": ["b"], "b": ["c", "d"], "c": [], "d": ["b"]}) == ["b", "d", "b"]
    assert circle_in({"a": ["a"]}) == ["a", "a"]


def test_a_component_imports_no_page() -> None:
    components = python_files("pages/components")
    wrong = [f"{path.name} imports {module}" for path in components for module in imports_of(path) if is_page(module)]
    assert wrong == []


def test_nothing_in_the_pipeline_imports_streamlit() -> None:
    wrong = [path for path in python_files("pipeline") for module in imports_of(path) if is_streamlit(module)]
    assert wrong == []


def test_the_server_and_the_catalogue_load_no_torch() -> None:
    rooms = [name for name in map(module_name, python_files("pipeline")) if name.startswith(SERVER_SIDE)]
    assert_loads_no_torch({*rooms, *ALSO_WITHOUT_TORCH})


def test_everything_the_pages_import_loads_no_torch() -> None:
    assert_loads_no_torch(
        {module for path in [ROOT / "Home.py", *python_files("pages")] for module in imports_of(path)}
    )


def test_asking_the_command_line_what_it_can_do_loads_no_torch() -> None:
    assert_loads_no_torch({"pipeline.__main__"})


@pytest.mark.parametrize("folder", ["", "pages", "pipeline", "tests"])
def test_no_file_is_longer_than_can_be_read_in_one_go(folder: str) -> None:
    paths = python_files(folder) if folder else sorted(ROOT.glob("*.py"))
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_every_file_begins_by_saying_what_it_is_for() -> None:
    assert [str(path.relative_to(ROOT)) for path in OURS if not ast.get_docstring(tree_of(path))] == []


def test_every_folder_of_the_pipeline_says_what_is_in_it_and_holds_nothing_else() -> None:
    folders = {path.parent for path in python_files("pipeline")}
    assert sorted(str(folder.relative_to(ROOT)) for folder in folders if not (folder / "__init__.py").is_file()) == []
    inits = [folder / "__init__.py" for folder in folders if folder != ROOT / "pipeline"]
    assert [str(path.relative_to(ROOT)) for path in inits if len(tree_of(path).body) != 1] == []


def assert_loads_no_torch(modules: set[str]) -> None:
    """Asked of a new process, since torch is long loaded in this one; module by module, so that a culprit is named."""
    assert modules
    script = (
        "import importlib, sys\n"
        f"for name in {sorted(modules)}:\n"
        "    importlib.import_module(name)\n"
        "    loaded = {'torch', 'torchvision', 'torchmetrics'} & set(sys.modules)\n"
        "    if loaded: sys.exit(f'{name} loads {loaded}')\n"
    )
    finished = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert finished.returncode == 0, finished.stderr


def circle_in(imported: Mapping[str, Sequence[str]]) -> list[str]:
    """The modules of a circle, the first once more at its end; [] where there is none. imported: by what imports it."""
    without: set[str] = set()

    def search(way: list[str]) -> list[str]:
        for name in imported[way[-1]]:
            if name in way:
                return [*way[way.index(name) :], name]
            if name not in without and (found := search([*way, name])):
                return found
        without.add(way[-1])
        return []

    return next((found for name in imported if name not in without and (found := search([name]))), [])


def imports_of(path: Path) -> Iterator[str]:
    """Every module that a file imports, at its top or inside a function."""
    for statement in ast.walk(tree_of(path)):
        if isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            assert statement.level == 0, f"{path} imports relative to its folder"
            assert statement.module is not None
            # `from pipeline.graph import document` imports a module too.
            submodules = [f"{statement.module}.{alias.name}" for alias in statement.names]
            yield from (name for name in submodules if is_file_of_ours(name))
            if not all(map(is_file_of_ours, submodules)):
                yield statement.module


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def is_file_of_ours(module: str) -> bool:
    path = ROOT.joinpath(*module.split("."))
    return path.with_suffix(".py").is_file() or path.is_dir()


def room_of(path: Path) -> str:
    return room_of_module(module_name(path))


def room_of_module(module: str) -> str:
    """The room a module stands in; "" for what is not ours, and for `pipeline` itself, which holds only the version."""
    match module.split("."):
        case ["Home"] | ["pages", *_]:
            return "pages"
        case ["pipeline", "__main__"]:
            return "command"
        case ["pipeline", room, *_]:
            return room
        case _:
            return ""


def is_page(module: str) -> bool:
    return module == "Home" or (module.startswith("pages.") and not module.startswith("pages.components"))


def is_streamlit(module: str) -> bool:
    return module.split(".")[0].startswith("streamlit")
