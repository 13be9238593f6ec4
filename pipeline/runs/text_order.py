"""Texts in the order of their characters' numbers, which is SQLite's, instead of that of a language, which is that of
most Postgres databases: lists and pages of lists are the same wherever runs are stored."""

from typing import Any

from sqlalchemy import String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class by_characters(FunctionElement[str]):  # noqa: N801 - used as a function, like `func.lower`
    """A text as a key of order."""

    inherit_cache = True
    type = String()


@compiles(by_characters)
def _as_it_is(element: by_characters, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(by_characters, "postgresql")
def _collated(element: by_characters, compiler: SQLCompiler, **options: Any) -> str:
    return f'({compiler.process(element.clauses, **options)}) COLLATE "C"'
