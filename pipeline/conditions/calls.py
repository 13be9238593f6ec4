"""The functions of the expression language and their arguments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline import formatting
from pipeline.conditions.boolean_terms import IsNaN
from pipeline.conditions.number_terms import Absolute, Constant, Mean, MinMax
from pipeline.conditions.term import NumericTerm, Term
from pipeline.errors.conditions import MalformedExpression

LONGEST = 10_000
"""Maximum number of steps that an expression may look back, including nested means: an armed condition keeps them in
memory."""


@dataclass(frozen=True)
class Function:
    """A function of the expression language. takes: its arguments, in words. least, most: how many it takes."""

    takes: str
    least: int
    most: int
    example: str


FUNCTIONS: Mapping[str, Function] = {
    "abs": Function("one number", 1, 1, "abs(x)"),
    "isnan": Function("one number", 1, 1, "isnan(x)"),
    "max": Function("two or more numbers", 2, 500, "max(x, y)"),
    "mean": Function("a number and a count of steps", 2, 2, "mean(x, 100)"),
    "min": Function("two or more numbers", 2, 500, "min(x, y)"),
}


def listed() -> str:
    """The names of all functions, for a sentence."""
    return formatting.listed(FUNCTIONS)


def build_call(text: str, start: int, name: str, written: str, arguments: Sequence[tuple[NumericTerm, str]]) -> Term:
    """Build the term of a call of one of FUNCTIONS. arguments: each as (term, text as written). Raises
    MalformedExpression."""
    function = FUNCTIONS[name]
    if not function.least <= len(arguments) <= function.most:
        reason, remedy = f"{name} takes {function.takes}", f"Write it like {function.example}."
        raise MalformedExpression(text, reason, remedy, start, written)
    (x, _), *others = arguments
    match name:
        case "abs":
            return Absolute(x, written)
        case "isnan":
            return IsNaN(x)
        case "mean":
            mean = Mean(x, _steps(text, start, written, *others[0]), written)
            if mean.memory > LONGEST:
                reason = f"it looks back {mean.memory:,} steps"
                raise MalformedExpression(text, reason, f"Look back {LONGEST:,} steps at most.", start, written)
            return mean
        case _:
            return MinMax(tuple(term for term, _ in arguments), name == "max", written)


def _steps(text: str, start: int, written: str, term: NumericTerm, number: str) -> int:
    if isinstance(term, Constant) and 1 <= term.value <= LONGEST and term.value.is_integer():
        return int(term.value)
    reason = f"the number of steps of a mean must be a whole number from 1 to {LONGEST:,}, not {number[:40]}"
    raise MalformedExpression(text, reason, "Write it like mean(x, 100).", start, written)
