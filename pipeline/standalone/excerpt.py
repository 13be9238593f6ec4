"""Excerpts of this package's sources: some functions and classes with all that they use, as one text.

What a function uses is what Python itself would look up among the names of its module. A name that its module imports
from this package is followed there; imports of other packages are collected. The pieces keep their order within a
module, and a module comes after those that it imports, so the text can be run from top to bottom.
"""

import ast
import builtins
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from symtable import SymbolTable, symtable

from pipeline.errors.training import UnwritableModel
from pipeline.standalone.module_source import OWN

ALLOWED = ("numpy", "torch")
"""Packages that a file may need, besides the standard library."""


@dataclass(frozen=True)
class ModuleNames:
    """What the names of a module stand for.

    pieces: name -> number of the statement that defines it. texts: the statements with their decorators and, for
    constants, the docstring below. ours: name -> module of this package that it is imported from. imports: name -> the
    line that imports it. summary: first sentence of the module's docstring.
    """

    pieces: Mapping[str, int]
    texts: Mapping[int, str]
    ours: Mapping[str, str]
    imports: Mapping[str, str]
    summary: str


@dataclass
class Excerpt:
    """A growing excerpt."""

    _taken: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    _names: dict[str, str] = field(default_factory=dict)
    _imports: set[str] = field(default_factory=set)

    def add(self, thing: object) -> str:
        """Add a function or a class with all that it uses; returns its name. Raises UnwritableModel if two pieces have
        one name, or if a package is needed that a file may not need."""
        name: str = thing.__name__  # type: ignore[attr-defined]
        self.add_name(name, thing.__module__)
        return name

    def add_name(self, name: str, module: str) -> None:
        """Add what `name` stands for in a module of this package; names of Python itself need nothing."""
        found = names_of(module)
        if name in found.pieces:
            self._take(name, module, found)
        elif name in found.ours:
            self.add_name(name, found.ours[name])
        elif name in found.imports:
            self.need(found.imports[name])
        elif not hasattr(builtins, name):
            raise UnwritableModel(f"{name} of {module} is not defined there")

    def need(self, line: str) -> None:
        """Add an import line of one name."""
        package = line.split()[1].split(".")[0]
        if package not in sys.stdlib_module_names and package not in ALLOWED:
            raise UnwritableModel(f"it needs the package {package}")
        self._imports.add(line)

    def text(self) -> str:
        """The pieces, module by module, each module under its summary."""
        order: list[str] = []
        for module in self._taken:
            self._after_its_own(module, order)
        sections = []
        for module in order:
            found = names_of(module)
            sections.append(
                f"# {found.summary}.\n{_joined([found.texts[each] for each in sorted(self._taken[module])])}"
            )
        return "\n\n\n".join(sections)

    def imports(self) -> str:
        """The import lines, those of the standard library first."""
        gathered: dict[tuple[bool, bool, str], set[str]] = defaultdict(set)
        for line in self._imports:
            words = line.split(maxsplit=3)
            other = words[1].split(".")[0] not in sys.stdlib_module_names
            gathered[other, words[0] == "from", words[1]].add(words[3] if words[0] == "from" else line)
        blocks = []
        for other in (False, True):
            lines = []
            for (_, is_from, module), names in sorted(each for each in gathered.items() if each[0][0] == other):
                lines += [f"from {module} import {', '.join(sorted(names, key=_case))}"] if is_from else sorted(names)
            blocks += ["\n".join(lines)] if lines else []
        return "\n\n".join(blocks)

    def _take(self, name: str, module: str, found: ModuleNames) -> None:
        number = found.pieces[name]
        if number in self._taken[module]:
            return
        if self._names.setdefault(name, module) != module:
            raise UnwritableModel(f"{name} is defined in {module} and in {self._names[name]}")
        self._taken[module].add(number)
        for used in sorted(globals_of(found.texts[number])):
            self.add_name(used, module)

    def _after_its_own(self, module: str, order: list[str]) -> None:
        """Append a module after all that it imports; no module of this package imports itself in a circle."""
        if module not in order:
            for other in sorted(set(names_of(module).ours.values()) & self._taken.keys()):
                self._after_its_own(other, order)
            order.append(module)


@cache
def names_of(module: str) -> ModuleNames:
    """The names of a module of this package. Raises UnwritableModel if it has no source file."""
    spec = find_spec(module)
    if spec is None or not spec.origin or not module.startswith(OWN):
        raise UnwritableModel(f"{module} has no source file")
    source = Path(spec.origin).read_text(encoding="utf-8")
    body = ast.parse(source).body
    pieces: dict[str, int] = {}
    texts: dict[int, str] = {}
    ours: dict[str, str] = {}
    imports: dict[str, str] = {}
    lines = source.splitlines()
    for number, statement in enumerate(body):
        for name, origin, line in _imported(statement):
            if origin.startswith(OWN) and " as " not in line:
                ours[name] = origin
            else:
                imports[name] = line
        if defined := _defined(statement):
            pieces |= dict.fromkeys(defined, number)
            texts[number] = "\n".join(lines[_first_line(statement) - 1 : _last_line(body, number)])
    summary = (import_module(module).__doc__ or module).strip().split("\n\n")[0].replace("\n", " ")
    return ModuleNames(pieces, texts, ours, imports, summary.split(". ")[0].split(": ")[0].rstrip("."))


def globals_of(text: str) -> set[str]:
    """The names that some statements look up outside themselves."""
    table = symtable(text, "<excerpt>", "exec")
    own = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    return {name for each in _tables(table) for name in _outside(each)} - own


def _outside(table: SymbolTable) -> Iterator[str]:
    top = table.get_type() == "module"
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (symbol.is_global() or (top and not symbol.is_assigned())):
            yield symbol.get_name()


def _tables(table: SymbolTable) -> Iterator[SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _tables(child)


def _imported(statement: ast.stmt) -> Iterator[tuple[str, str, str]]:
    """(name, module, line) of every name that a statement imports."""
    if isinstance(statement, ast.ImportFrom):
        for alias in statement.names:
            known = f" as {alias.asname}" if alias.asname else ""
            module = statement.module or ""
            yield alias.asname or alias.name, module, f"from {module} import {alias.name}{known}"
    elif isinstance(statement, ast.Import):
        for alias in statement.names:
            known = f" as {alias.asname}" if alias.asname else ""
            yield alias.asname or alias.name.split(".")[0], alias.name, f"import {alias.name}{known}"


def _defined(statement: ast.stmt) -> list[str]:
    match statement:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.Assign(targets=targets):
            return [node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
    return []


def _first_line(statement: ast.stmt) -> int:
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return min([statement.lineno, *(each.lineno for each in statement.decorator_list)])
    return statement.lineno


def _last_line(body: list[ast.stmt], number: int) -> int:
    """The last line of a statement, or of the docstring below it, if it is a constant with one."""
    statement, after = body[number], body[number + 1] if number + 1 < len(body) else None
    match statement, after:
        case ast.Assign() | ast.AnnAssign(), ast.Expr(value=ast.Constant(value=str())):
            return after.end_lineno or after.lineno
    return statement.end_lineno or statement.lineno


def _joined(pieces: list[str]) -> str:
    """Functions and classes are two empty lines apart; constants are together."""
    text, before = "", ""
    for piece in pieces:
        between = "\n" if before and _is_constant(before) and _is_constant(piece) else "\n\n\n" if before else ""
        text, before = text + between + piece, piece
    return ("\n" if pieces and _is_constant(pieces[0]) else "\n\n") + text


def _is_constant(piece: str) -> bool:
    return not piece.startswith(("def ", "class ", "@"))


def _case(name: str) -> tuple[bool, bool, str]:
    """Constants, then classes, then functions, as the linter sorts them."""
    return not name.isupper(), not name[:1].isupper(), name
