"""Nodes of one's own: the files in the folders that GENSCOPE_NODES names, loaded beside the built-in ones.

A file registers its classes as the catalogue does, `@NODES.register`. One that fails leaves nothing behind, is reported
with its traceback, and stops nothing else. Files are read once a process: a change is there at the next start.
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
"""In a package of nodes of one's own: a hash of all its files as they were when they were loaded."""


@dataclass(frozen=True)
class FailedFile:
    """A file or a folder whose nodes are missing. reason: a sentence. traceback: from the file on, "" for a folder."""

    path: Path
    reason: str
    traceback: str

    @property
    def sentence(self) -> str:
        """What is missing, and why."""
        return f"{self.path.name} failed to load: {self.reason}"


@dataclass(frozen=True)
class CustomNodes:
    """What came of loading. with_torch: files that have imported torch, which the server would do without."""

    files: tuple[Path, ...] = ()
    failed: tuple[FailedFile, ...] = ()
    with_torch: tuple[Path, ...] = ()

    def report(self) -> Iterator[str]:
        """What there is to say: a sentence for each file that failed, with its traceback, or that loads torch."""
        for failure in self.failed:
            yield "\n".join(filter(None, (failure.sentence, failure.traceback.rstrip())))
        yield from map(torch_remark, self.with_torch)


def torch_remark(path: Path) -> str:
    """Why a file that has imported torch had better not."""
    return f"{path.name} imports torch as it is loaded: do it inside build, and the server starts without it."


def load(places: Iterable[Path], registry: Registry, families: Families = FAMILIES) -> CustomNodes:
    """Runs the `*.py` of each folder in the order of their names, but for `_*.py`, and each place that is a file.

    registry, families: those that the files register their nodes and families in. The files of a folder are the modules
    of one package, so that one imports another as `from ._name import …`. Raises nothing of what the files do.
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
    """The name of a package whose modules are the files of the folder; another one at each call."""
    package = ModuleType(f"{CUSTOM_NODES_PACKAGE}{next(_NUMBERS)}")
    package.__path__ = [str(folder)]
    setattr(package, SOURCE, _hash_of(folder))
    sys.modules[package.__name__] = package
    return package.__name__


def _hash_of(folder: Path) -> str:
    """Differs once a file of nodes in the folder does, or one that they import from beside them."""
    found = sha256()
    for path in sorted(folder.glob("*.py")):
        try:
            found.update(f"{path.name}\0{sha256(path.read_bytes()).hexdigest()}\0".encode())
        except OSError:
            # A file that cannot be read is none that a node is made of.
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
    """Runs one file as a module of its own; what went wrong, if something did."""
    loader = SourceFileLoader(module_name, str(path))
    spec = spec_from_loader(module_name, loader)
    assert spec is not None
    module = module_from_spec(spec)
    # Pydantic looks up there what the annotations of a class mean.
    sys.modules[module_name] = module
    before = registry.names(), tuple(families)
    try:
        # Standard output belongs to the command line's answer.
        with registry.all_or_none(), families.all_or_none(), redirect_stdout(sys.stderr):
            loader.exec_module(module)
            if (registry.names(), tuple(families)) == before:
                raise NoNodes
    except BaseException as error:  # noqa: BLE001 - whatever a file does, it must not stop the others
        sys.modules.pop(module_name, None)
        return FailedFile(path, _reason(error), _trace(error, path))
    return None


def _reason(error: BaseException) -> str:
    if isinstance(error, GenscopeError):
        return str(error)
    # An exception of one's own may not even be able to say what it is, which this class takes into account.
    words = str(traceback.TracebackException.from_exception(error, limit=0)).strip().partition("\n")[0]
    return f"{type(error).__name__}: {words}".removesuffix(": ") + "."


def _trace(error: BaseException, path: Path) -> str:
    """The traceback without the frames before the file's own; of a file that cannot be read as Python, its line."""
    frame = error.__traceback__
    while frame is not None and frame.tb_frame.f_code.co_filename != str(path):
        frame = frame.tb_next
    return "".join(traceback.format_exception(type(error), error, frame))


def _classes_in(path: Path) -> list[str]:
    """The names of classes that a file would have defined, found in its text: it may not even be Python."""
    try:
        return re.findall(r"^\s*class\s+(\w+)", path.read_text(encoding="utf-8", errors="replace"), re.MULTILINE)
    except OSError:
        return []
