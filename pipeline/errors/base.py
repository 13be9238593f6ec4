"""The root of every exception, and the two kinds there are: what we refuse, and what went wrong."""

from collections.abc import Iterable
from difflib import get_close_matches


class GenscopeError(Exception):
    """Root of everything the pipeline raises on purpose; `str(error)` is a sentence fit for the screen."""

    exit_code = 1


class Refusal(GenscopeError):
    """The input was not taken and nothing was changed."""

    exit_code = 2


class Fault(GenscopeError):
    """Something failed that the user did not ask for."""


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of a sentence on an unknown name: `, did you mean 'x'?` for the known name most like it, or `.`"""
    matches = get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f", did you mean {matches[0]!r}?" if matches else "."
