"""The layers of `pipeline/__init__.py`, compared with what every file imports: the one place that says what may.

Home.py and `pages/` are the package "pages", `pipeline/__main__.py` belongs to "command"; every other package is a
folder or a module of `pipeline/`.
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
FAMILIES = sorted(path.parent.name for path in (ROOT / "pipeline" / "families").glob("*/family.py"))

LADDER: tuple[frozenset[str], ...] = (
    frozenset({"pages"}),
    frozenset({"command", "api"}),
    frozenset({"bench"}),
    frozenset({"studio", "engine"}),
    frozenset({"evaluation", "standalone", "launch"}),
    frozenset({"runtime", "sampling", "inspection", "conditions", "processes"}),
    frozenset({"nodes"}),
    frozenset({"families"}),
    frozenset({"training"}),
    frozenset({"runs", "data", "models", "objectives", "augmentation", "metrics", "health"}),
    frozenset({"graph", "ranks"}),
    frozenset({"errors"}),
    frozenset({"formatting", "colours", "why"}),
)
"""The packages, layer by layer, top first. A layer imports only from layers below it."""

ONLY: dict[str, frozenset[str]] = {
    # The server talks to the engine in messages: it shares no training code.
    "pages": frozenset(
        {"studio", "launch", "runtime", "conditions", "nodes", "families", "runs", "data", "models", "metrics"}
        | {"health", "graph", "errors", "formatting", "colours", "why"}
    ),
    "studio": frozenset(
        {"launch", "runtime", "conditions", "nodes", "families", "runs", "data", "models", "metrics", "health"}
        | {"graph", "errors", "formatting", "why"}
    ),
    "runtime": frozenset({"runs", "errors"}),
    "launch": frozenset({"runtime", "nodes", "runs", "graph", "errors", "formatting"}),
    # Conditions and hints use only the numbers of a run.
    "conditions": frozenset({"errors", "formatting"}),
    "health": frozenset({"formatting", "why"}),
    # Neither training nor inspection knows the graph; nodes connect them.
    "inspection": frozenset({"training", "runs", "data", "models", "objectives", "errors", "formatting"}),
    "training": frozenset({"runs", "data", "models", "objectives", "augmentation", "ranks", "errors", "formatting"}),
    "data": frozenset({"ranks", "errors", "formatting"}),
    "models": frozenset({"ranks", "errors", "formatting"}),
    "objectives": frozenset({"ranks"}),
    "metrics": frozenset({"why"}),
    "augmentation": frozenset({"ranks"}),
    "ranks": frozenset(),
    "runs": frozenset({"errors", "colours", "why"}),
    "errors": frozenset(),
}
"""Folders that may import less than the ladder lets them: folder -> what it may import. Docstrings do not repeat it."""

LIBRARIES: dict[str, frozenset[str]] = {
    "conditions": frozenset({"numpy"}),
    "health": frozenset({"numpy"}),
    "launch": frozenset({"pydantic", "psutil", "submitit"}),
    "objectives": frozenset({"torch"}),
    "augmentation": frozenset({"torch"}),
    "ranks": frozenset({"torch"}),
    "metrics": frozenset({"numpy", "scipy"}),
    "graph": frozenset({"pydantic", "pydantic_core", "annotated_types"}),
    "errors": frozenset(),
    "formatting": frozenset(),
    "colours": frozenset(),
    "why": frozenset(),
}
"""Folders that may import few packages outside the standard library: folder -> those packages."""

TORCH_FREE = tuple(
    f"pipeline.{name}"
    for name in (
        *("studio", "launch", "runtime", "conditions", "health", "nodes", "runs", "graph", "errors", "formatting"),
        *("colours", "why"),
        *("data", "models", "metrics"),
        *("families.family", "families.words", "families.shared_words"),
        *("families.sampling_options", "families.sampling_path"),
        *(f"families.{family}.{file}" for family in FAMILIES for file in ("family", "words", "rules")),
        *("processes.launch", "processes.introduction"),
        *("training.schedule", "training.condition", "sampling.grid", "sampling.restoring"),
    )
)
"""Folders and files that are imported without torch, but for those in WITH_TORCH."""

WITH_TORCH = frozenset(
    f"pipeline.{name}"
    for name in (
        *("data.images", "data.batches", "data.device_placement", "data.sources"),
        *("models.modules", "models.build", "models.spectral", "models.module_layers", "models.python_modules"),
        *("models.unet", "models.whole_batch", "models.unlike_one_process"),
    )
)


def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


OURS = [ROOT / "Home.py", *python_files("pages", "pipeline")]


def test_every_package_of_the_pipeline_is_in_one_layer() -> None:
    folders = {path.parent.name for path in (ROOT / "pipeline").glob("*/__init__.py")}
    modules = {path.stem for path in (ROOT / "pipeline").glob("*.py")} - {"__init__", "__main__"}
    rungs = [room for line in LADDER for room in line]
    assert sorted(rungs) == sorted(folders | modules | {"pages"})


def test_every_package_is_named_in_the_docstring_of_the_pipeline() -> None:
    table = pipeline.__doc__ or ""
    rooms = sorted(room for line in LADDER for room in line)
    assert [room for room in rooms if f"{room}/" not in table and f"{room}.py" not in table] == []


def test_a_layer_imports_only_from_layers_below_it() -> None:
    height = {room: -number for number, line in enumerate(LADDER) for room in line}
    wrong = [
        f"{path.relative_to(ROOT)} imports {module}"
        for path in OURS
        for module in imports_of(path)
        if (above := room_of(path)) != (below := room_of_module(module))
        if above and below and (height[below] >= height[above] or below not in ONLY.get(above, height))
    ]
    assert wrong == []


def test_there_are_no_circular_imports_not_even_for_types() -> None:
    ours = {module_name(path): path for path in OURS}
    imported = {name: sorted(ours.keys() & set(imports_of(path))) for name, path in ours.items()}
    assert " imports ".join(circle_in(imported)) == ""


def test_circles_of_any_length_are_found() -> None:
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


def test_folders_of_few_packages_import_no_others() -> None:
    known = sys.stdlib_module_names | {"pipeline"}
    wrong = [
        f"{path.relative_to(ROOT)} imports {module}"
        for path in OURS
        if (room := room_of(path)) in LIBRARIES
        for module in imports_of(path)
        if module.split(".")[0] not in known | LIBRARIES[room]
    ]
    assert wrong == []


def test_the_server_and_the_catalogue_load_no_torch() -> None:
    modules = {name for name in map(module_name, python_files("pipeline")) if starts_with(name, TORCH_FREE)}
    assert_loads_no_torch(modules - WITH_TORCH)


def test_every_exception_from_the_torch_free_folders_imports_torch() -> None:
    modules = {module_name(path): path for path in python_files("pipeline")}
    assert [name for name in sorted(WITH_TORCH) if "torch" not in set(imports_of(modules[name]))] == []


def test_everything_the_pages_import_loads_no_torch() -> None:
    assert_loads_no_torch(
        {module for path in [ROOT / "Home.py", *python_files("pages")] for module in imports_of(path)}
    )


def test_the_help_of_the_command_line_loads_no_torch() -> None:
    assert_loads_no_torch({"pipeline.__main__"})


@pytest.mark.parametrize("folder", ["", "pages", "pipeline", "tests"])
def test_no_file_is_too_long(folder: str) -> None:
    paths = python_files(folder) if folder else sorted(ROOT.glob("*.py"))
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_every_file_has_a_docstring() -> None:
    assert [str(path.relative_to(ROOT)) for path in OURS if not ast.get_docstring(tree_of(path))] == []


def test_every_init_file_of_the_pipeline_has_only_a_docstring() -> None:
    folders = {path.parent for path in python_files("pipeline")}
    assert sorted(str(folder.relative_to(ROOT)) for folder in folders if not (folder / "__init__.py").is_file()) == []
    inits = [folder / "__init__.py" for folder in folders if folder != ROOT / "pipeline"]
    assert [str(path.relative_to(ROOT)) for path in inits if len(tree_of(path).body) != 1] == []


def assert_loads_no_torch(modules: set[str]) -> None:
    """Import the modules one by one in a new process, because torch is already loaded in this one."""
    assert modules
    script = (
        "import importlib, sys\n"
        f"for name in {sorted(modules)}:\n"
        "    importlib.import_module(name)\n"
        "    loaded = {'torch', 'torchvision', 'torchmetrics'} & set(sys.modules)\n"
        "    if loaded: sys.exit(f'{name} loads {loaded}')\n"
    )
    finished = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert finished.returncode == 0, finished.stderr


def circle_in(imported: Mapping[str, Sequence[str]]) -> list[str]:
    """The modules of a circle, the first repeated at the end; [] if there is none. imported: module -> its imports."""
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
    """Yield every module that a file imports, at the top or inside a function."""
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
    """The package of a module; "" for other libraries and for `pipeline` itself, which has only the version."""
    match module.split("."):
        case ["Home"] | ["pages", *_]:
            return "pages"
        case ["pipeline", "__main__"]:
            return "command"
        case ["pipeline", room, *_]:
            return room
        case _:
            return ""


def starts_with(module: str, names: Sequence[str]) -> bool:
    """Whether a module is one of these, or in a folder that is."""
    return any(module == name or module.startswith(f"{name}.") for name in names)


def is_page(module: str) -> bool:
    return module == "Home" or (module.startswith("pages.") and not module.startswith("pages.components"))


def is_streamlit(module: str) -> bool:
    return module.split(".")[0].startswith("streamlit")
