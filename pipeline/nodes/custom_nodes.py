"""Load custom nodes: the files in the folders that GENSCOPE_NODES lists.

A file registers its classes as the catalogue does, with `@NODES.register`. If a file fails, nothing of it stays
registered, the failure is reported with its traceback, and the other files still load. Each process loads the files
once: changes take effect at the next start.
"""

import re
import sys
import traceback
from collections.abc import Iterable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from hashlib import sha256
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from itertools import count
from pathlib import Path
from types import ModuleType

from pipeline.errors.base import GenscopeError
from pipeline.errors.training import CUSTOM_NODES_PACKAGE
from pipeline.errors.workflow import NoNodes
from pipeline.families.family import FAMILIES, Families
from pipeline.graph.registry import Registry

_NUMBERS = count()
SOURCE = "__source_hash__"
"""Attribute of a package of custom nodes: a hash of all its files as they were when loaded."""
RENAMED = "If the file was written for an earlier version, .github/GLOSSARY.md lists old names with their new ones."


@dataclass(frozen=True)
class FailedFile:
    """A file or folder that failed to load. reason: a sentence. traceback: begins at the frames of the file; "" for a
    folder."""

    path: Path
    reason: str
    traceback: str

    @property
    def sentence(self) -> str:
        """A sentence that names the file and the reason."""
        return f"{self.path.name} failed to load: {self.reason}"


@dataclass(frozen=True)
class CustomNodes:
    """The result of loading custom nodes.

    with_torch: files that imported torch while loading, which the server does not need and which slows its start.
    """

    files: tuple[Path, ...] = ()
    failed: tuple[FailedFile, ...] = ()
    with_torch: tuple[Path, ...] = ()

    def report(self) -> Iterator[str]:
        """A message for each file that failed, with its traceback, and for each that imports torch."""
        for failure in self.failed:
            yield "\n".join(filter(None, (failure.sentence, failure.traceback.rstrip())))
        yield from map(torch_remark, self.with_torch)


def torch_remark(path: Path) -> str:
    """The remark on a file that imports torch while loading."""
    return f"{path.name} imports torch while loading: import it inside build, so that the server starts without torch."


def load(places: Iterable[Path], registry: Registry, families: Families = FAMILIES) -> CustomNodes:
    """Run the `*.py` of each folder in order of name, except `_*.py`, and each place that is itself a file.

    registry, families: where the files register their nodes and families. The files of a folder are modules of one
    package, so they can import each other with `from ._name import …`. Errors in the files are returned, not raised.
    """
    files: list[Path] = []
    failed: list[FailedFile] = []
    with_torch: list[Path] = []
    for place in places:
        try:
            found = sorted(_files_in(place))
        except OSError as error:
            failed.append(FailedFile(place, f"{error.strerror}: {place}.", ""))
            continue
        package = _package(place if place.is_dir() else place.parent)
        for path in found:
            before = "torch" in sys.modules
            failure = _load(path, f"{package}.{path.stem}", registry, families)
            if failure is not None:
                failed.append(failure)
                for name in _classes_in(path):
                    registry.note_missing(name, failure.sentence)
                continue
            files.append(path)
            if not before and "torch" in sys.modules:
                with_torch.append(path)
    return CustomNodes(tuple(files), tuple(failed), tuple(with_torch))


def _package(folder: Path) -> str:
    """Create a package whose modules are the files of the folder, and return its name, which is new at each call."""
    package = ModuleType(f"{CUSTOM_NODES_PACKAGE}{next(_NUMBERS)}")
    package.__path__ = [str(folder)]
    setattr(package, SOURCE, _hash_of(folder))
    sys.modules[package.__name__] = package
    return package.__name__


def _hash_of(folder: Path) -> str:
    """A hash of all Python files in the folder, including those that the node files import."""
    found = sha256()
    for path in sorted(folder.glob("*.py")):
        try:
            found.update(f"{path.name}\0{sha256(path.read_bytes()).hexdigest()}\0".encode())
        except OSError:
            # No node can come from a file that cannot be read.
            continue
    return found.hexdigest()


def _files_in(place: Path) -> Iterator[Path]:
    if place.is_file():
        yield place
        return
    for path in place.iterdir():
        if path.suffix == ".py" and not path.name.startswith(("_", ".")):
            yield path


def _load(path: Path, module_name: str, registry: Registry, families: Families) -> FailedFile | None:
    """Run one file as a module. Returns the failure if there was one."""
    loader = SourceFileLoader(module_name, str(path))
    spec = spec_from_loader(module_name, loader)
    assert spec is not None
    module = module_from_spec(spec)
    # Pydantic resolves the annotations of a class through sys.modules.
    sys.modules[module_name] = module
    before = registry.names(), tuple(families)
    try:
        # Standard output is reserved for the answer of the command line.
        with registry.all_or_none(), families.all_or_none(), redirect_stdout(sys.stderr):
            loader.exec_module(module)
            if (registry.names(), tuple(families)) == before:
                raise NoNodes
    except BaseException as error:  # noqa: BLE001 - no error in one file may stop the others
        sys.modules.pop(module_name, None)
        return FailedFile(path, _reason(error), _trace(error, path))
    return None


def _reason(error: BaseException) -> str:
    if isinstance(error, GenscopeError):
        return str(error)
    # A custom exception may fail to convert to a string; TracebackException handles that.
    words = str(traceback.TracebackException.from_exception(error, limit=0)).strip().partition("\n")[0]
    reason = f"{type(error).__name__}: {words}".removesuffix(": ") + "."
    return f"{reason} {RENAMED}" if isinstance(error, ImportError) and _is_ours(error.name) else reason


def _is_ours(module: str | None) -> bool:
    return module is not None and module.partition(".")[0] == "pipeline"


def _trace(error: BaseException, path: Path) -> str:
    """The traceback from the file's own first frame on; for a syntax error, the line in the file."""
    frame = error.__traceback__
    while frame is not None and frame.tb_frame.f_code.co_filename != str(path):
        frame = frame.tb_next
    return "".join(traceback.format_exception(type(error), error, frame))


def _classes_in(path: Path) -> list[str]:
    """The names of the classes that a file would define, found by pattern, since it may not be valid Python."""
    try:
        return re.findall(r"^\s*class\s+(\w+)", path.read_text(encoding="utf-8", errors="replace"), re.MULTILINE)
    except OSError:
        return []
