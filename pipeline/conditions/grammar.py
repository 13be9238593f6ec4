"""The parser: tokens become terms, with Python's precedence; errors say what to write instead.

From weakest to tightest: or; and; not; comparisons, which may be chained; + and -; * and /; a sign; brackets.
"""

from collections.abc import Collection
from dataclasses import dataclass

from pipeline.conditions.boolean_terms import COMPARISONS, And, Comparison, Not, Or
from pipeline.conditions.calls import FUNCTIONS, build_call, listed
from pipeline.conditions.number_terms import ARITHMETIC, Arithmetic, Constant, Mean, Metric, Negative, Quotient, Step
from pipeline.conditions.term import BooleanTerm, NumericTerm, StepContext, Term
from pipeline.conditions.tokens import WORDS, Token, tokens
from pipeline.errors.base import nearest
from pipeline.errors.conditions import MalformedExpression, UnknownMetric

MAX_DEPTH = 60
"""Deepest nesting of terms, so that parsing and evaluation cannot overflow the stack."""

NOT, SIGN = 3, 7
PRECEDENCE = {"or": 1, "and": 2, **dict.fromkeys(COMPARISONS, 4), "+": 5, "-": 5, "*": 6, "/": 6}
"""Precedence of binary operators; NOT and SIGN are those of the prefix operators."""


@dataclass(frozen=True)
class ParsedTerm:
    """A term and its span in the text, brackets included."""

    term: Term
    start: int
    end: int


class Grammar:
    """Parser of one text. names: the metrics that it may use."""

    def __init__(self, text: str, names: Collection[str]) -> None:
        self.text = text
        self.names = names
        self._tokens = tokens(text)
        self._now = next(self._tokens)
        self._before = Token("end", "", 0)
        self._level = 0

    def whole(self) -> Term:
        """The term of the whole text. Raises MalformedExpression, UnknownMetric."""
        piece = self._expression(0)
        if self._now.symbol != "end":
            raise self._unjoined()
        return piece.term

    def _expression(self, floor: int) -> ParsedTerm:
        """Parse an expression up to the first operator that does not bind tighter than `floor`."""
        self._level += 1
        self._limit(self._level)
        left = self._operand()
        while PRECEDENCE.get(self._now.symbol, 0) > floor:
            left = self._joined(left, self._now.symbol)
        self._level -= 1
        return left

    def _operand(self) -> ParsedTerm:
        token = self._now
        match token.symbol:
            case "number":
                return self._constant(self._advance())
            case "name":
                return self._name(self._advance())
            case "(":
                self._advance()
                inner = self._expression(0)
                self._close(token)
                return ParsedTerm(inner.term, token.start, self._end)
            case "-":
                self._advance()
                return self._piece(Negative(self._number(self._expression(SIGN), "-")), token.start)
            case "+":
                self._advance()
                return self._piece(self._number(self._expression(SIGN), "+"), token.start)
            case "not":
                self._advance()
                return self._piece(Not(self._truth(self._expression(NOT), "not")), token.start)
            case "end":
                remedy = "Write a metric, a number or a call such as mean(x, 100) after it."
                raise self._mistake(f"nothing follows {self._before.text!r}", remedy, token.start)
            case _:
                reason = f"a metric or a number is missing before {token.text!r}"
                raise self._mistake(reason, "Write one there.", token.start)

    def _joined(self, left: ParsedTerm, symbol: str) -> ParsedTerm:
        """Parse an operator and its right operand; chained comparisons, `and`s or `or`s become one term."""
        power, pieces, symbols = PRECEDENCE[symbol], [left], []
        while self._now.symbol == symbol or (symbol in COMPARISONS and self._now.symbol in COMPARISONS):
            symbols.append(self._advance().symbol)
            pieces.append(self._expression(power))
            if symbol in "+-*/":
                break
        if symbol in WORDS:
            truths = tuple(self._truth(piece, symbol) for piece in pieces)
            return self._piece(And(truths) if symbol == "and" else Or(truths), left.start)
        x, *others = (self._number(piece, symbol) for piece in pieces)
        if symbol in COMPARISONS:
            links = tuple((COMPARISONS[each], y) for each, y in zip(symbols, others, strict=True))
            return self._piece(Comparison(x, links), left.start)
        if symbol == "/":
            return self._piece(Quotient(x, others[0], self._divisor(pieces[1])), left.start)
        return self._piece(Arithmetic(x, others[0], ARITHMETIC[symbol]), left.start)

    def _constant(self, token: Token) -> ParsedTerm:
        value = float(token.text)
        if value == float("inf"):
            raise self._mistake("this number is too large", "Numbers go up to 1.7e308.", token.start)
        return self._piece(Constant(value), token.start)

    def _name(self, token: Token) -> ParsedTerm:
        name, start = token.text, token.start
        if self._now.symbol == "(":
            return self._call(token)
        if name == "step":
            return self._piece(Step(), start)
        if name in self.names:
            return self._piece(Metric(name), start)
        if name in FUNCTIONS:
            raise self._mistake(f"{name} needs brackets", f"Write it like {FUNCTIONS[name].example}.", start)
        if name.lower() in WORDS:
            raise self._mistake(f"{name} has no meaning here", f"Write {name.lower()} in lower case.", start)
        if name.lower() in ("true", "false"):
            remedy = "A condition is already true or false: write x > 2 or not x > 2."
            raise self._mistake(f"{name} has no meaning here", remedy, start)
        if name.lower() == "nan":
            raise self._mistake("nothing can be compared with NaN", "Write isnan(x).", start)
        raise UnknownMetric(name, start, [*self.names, "step"])

    def _call(self, token: Token) -> ParsedTerm:
        name, opened = token.text, self._now
        if name not in FUNCTIONS:
            known = name == "step" or name in self.names
            reason = f"{name} is not a function" if known else f"there is no function {name[:60]!r}"
            remedy = f"Remove the bracket, or write an operator before it; functions are {listed()}."
            if not known:
                remedy = f"The functions are {listed()}{nearest(name, FUNCTIONS)}"
            raise self._mistake(reason, remedy, token.start)
        self._advance()
        arguments = [] if self._now.symbol == ")" else [self._expression(0)]
        while self._now.symbol == ",":
            self._advance()
            arguments.append(self._expression(0))
        self._close(opened)
        numbers = [(self._number(each, name), self.text[each.start : each.end]) for each in arguments]
        written = self.text[token.start : self._end]
        return self._piece(build_call(self.text, token.start, name, written, numbers), token.start)

    def _divisor(self, piece: ParsedTerm) -> str:
        """The divisor as written. Raises MalformedExpression if it is a constant zero."""
        written = self.text[piece.start : piece.end]
        varies = any(isinstance(term, Metric | Step | Mean) for term in piece.term.walk())
        if not varies and isinstance(piece.term, NumericTerm) and piece.term.at(StepContext(self.text)) == 0:
            raise self._mistake("nothing can be divided by 0, and this is 0", "Divide by something else.", piece.start)
        return written

    def _number(self, piece: ParsedTerm, where: str) -> NumericTerm:
        if isinstance(piece.term, NumericTerm):
            return piece.term
        written = _short(self.text[piece.start : piece.end])
        reason = f"{written} is true or false, but {where!r} takes numbers"
        raise self._mistake(reason, "Join conditions with and, or, not.", piece.start)

    def _truth(self, piece: ParsedTerm, where: str) -> BooleanTerm:
        if isinstance(piece.term, BooleanTerm):
            return piece.term
        written = _short(self.text[piece.start : piece.end])
        example = f"x > {written}" if isinstance(piece.term, Constant) else f"{written} > 2"
        reason = f"{written} is a number, but {where!r} takes conditions"
        raise self._mistake(reason, f"Compare it with something: {example}.", piece.start)

    def _close(self, opened: Token) -> None:
        if self._now.symbol == "end":
            raise self._mistake(
                f"the bracket at character {opened.start + 1} is not closed", "Write ) after it.", len(self.text)
            )
        if self._now.symbol != ")":
            raise self._unjoined()
        self._advance()

    def _unjoined(self) -> MalformedExpression:
        """The error for a token that cannot follow the previous one."""
        token = self._now
        if token.symbol == ")":
            return self._mistake("this bracket has no opening one", "Remove it, or write ( before.", token.start)
        if token.symbol == ",":
            reason = "a comma is allowed only in the brackets of max, mean and min"
            return self._mistake(reason, "Write numbers like 0.5 and 1000.", token.start)
        if token.text.lower() in WORDS and token.symbol == "name":
            return self._mistake(
                f"{token.text} has no meaning here", f"Write {token.text.lower()} in lower case.", token.start
            )
        reason = f"an operator is missing after {_short(self._before.text)}, before {_short(token.text)}"
        return self._mistake(reason, "Write a comparison, and, or, +, -, * or / between them.", token.start)

    def _mistake(self, reason: str, remedy: str, start: int) -> MalformedExpression:
        return MalformedExpression(self.text, reason, remedy, start, self.text[start:])

    def _piece(self, term: Term, start: int) -> ParsedTerm:
        self._limit(term.depth)
        return ParsedTerm(term, start, self._end)

    def _limit(self, depth: int) -> None:
        if depth > MAX_DEPTH:
            reason = f"more than {MAX_DEPTH} brackets or operators are nested"
            raise self._mistake(reason, "Write it with fewer of them.", self._before.start)

    def _advance(self) -> Token:
        """Move to the next token; return the previous one."""
        self._before, self._now = self._now, next(self._tokens)
        return self._before

    @property
    def _end(self) -> int:
        return self._before.start + len(self._before.text)


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
