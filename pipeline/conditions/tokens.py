"""The tokenizer: numbers, names and symbols. Symbols of other languages are refused, with a hint on what to write
instead."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from pipeline.errors.conditions import MalformedExpression

COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
WORDS = ("and", "or", "not")
SYMBOLS = (*COMPARISONS, "+", "-", "*", "/", "(", ")", ",")

TYPOGRAPHIC = {"≤": "<=", "≥": ">=", "≠": "!=", "−": "-", "–": "-", "×": "*", "÷": "/"}
"""Typographic variants of symbols, accepted in their place."""

MISTAKES = {
    "=": "Write == to compare",
    "===": "Write == to compare",
    "!==": "Write != to compare",
    "<>": "Write != to compare",
    "=<": "Write <= to compare",
    "=>": "Write >= to compare",
    "&": "Write and as a word: x > 2 and y > 2",
    "&&": "Write and as a word: x > 2 and y > 2",
    "|": "Write or as a word: x > 2 or y > 2",
    "||": "Write or as a word: x > 2 or y > 2",
    "!": "Write not as a word: not x > 2",
    "~": "Write not as a word: not x > 2",
    "**": "Write a power as a product: x * x",
    "^": "Write a power as a product: x * x",
    "//": "Write / to divide",
    "%": "Write a percentage as a number between 0 and 1: 0.95",
    ".": "Use a point in numbers only: 0.5",
    "'": "Write names without quotation marks: x",
    '"': "Write names without quotation marks: x",
    "`": "Write names without quotation marks: x",
    "[": "Use round brackets: (x + y) / 2",
    "]": "Use round brackets: (x + y) / 2",
    "{": "Use round brackets: (x + y) / 2",
    "}": "Use round brackets: (x + y) / 2",
}
"""Symbols of other languages -> what to write instead."""


class Token(NamedTuple):
    """A token. symbol: from SYMBOLS or WORDS, or "number", "name" or "end". text: as written. start: index in the
    text."""

    symbol: str
    text: str
    start: int


def _any_of(symbols: list[str]) -> str:
    return "|".join(re.escape(symbol) for symbol in sorted(symbols, key=len, reverse=True))


_PATTERN = re.compile(
    r"(?P<blank> +)"
    r"|(?P<number>([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?)(?P<rest>[\w.]*)"
    r"|(?P<name>[^\W\d]\w*)"
    f"|(?P<symbol>{_any_of([*SYMBOLS, *TYPOGRAPHIC, *MISTAKES])})"
    r"|(?P<other>.)",
    re.DOTALL,
)


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a text from left to right, "end" last. Raises MalformedExpression at the first mistake."""
    for match in _PATTERN.finditer(text):
        piece, start = match.group(), match.start()
        match match.lastgroup:
            case "blank":
                continue
            case "name":
                yield Token(piece if piece in WORDS else "name", piece, start)
            case "symbol" if piece not in MISTAKES:
                yield Token(TYPOGRAPHIC.get(piece, piece), piece, start)
            case "symbol":
                raise MalformedExpression(text, "this has no meaning here", MISTAKES[piece] + ".", start, text[start:])
            case "rest" if not match["rest"]:
                yield Token("number", piece, start)
            case "rest":
                remedy = "Write numbers like 1000, 0.5 or 1e-3, and * for products."
                raise MalformedExpression(text, "this is not a number", remedy, start, text[start:])
            case _:
                reason = "this character has no meaning here"
                if not piece.isprintable():
                    reason = f"this is an invisible character, U+{ord(piece):04X}"
                raise MalformedExpression(text, reason, "Delete it.", start, text[start:])
    yield Token("end", "", len(text))
