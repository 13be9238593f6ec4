"""The base class of all exceptions and its two kinds: refused inputs and failures."""

from collections.abc import Iterable
from difflib import get_close_matches


class GenscopeError(Exception):
    """Base class of all exceptions that the pipeline raises on purpose; `str(error)` is a message for users."""

    exit_code = 1
    failed_run = ""
    """Id of the run that it made fail while the run was prepared; "" if there is none."""


class Refusal(GenscopeError):
    """The input was refused and nothing was changed."""

    exit_code = 2


class Fault(GenscopeError):
    """A failure that is not due to the user's input."""


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of a sentence about an unknown name: `, did you mean 'x'?` for the most similar known name, or `.`"""
    # The comparison is slow for a long name, and nobody means a node by it.
    matches = get_close_matches(name[:200], list(known), n=1, cutoff=0.5)
    return f", did you mean {matches[0]!r}?" if matches else "."
