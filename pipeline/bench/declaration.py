"""What a measurement declares: its rows in the table, the aim of each, and how it is taken."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Values = Mapping[str, Sequence[float]]
"""Name of a row -> one value for each turn, at least one."""


@dataclass(frozen=True)
class Aim:
    """A bound that the median of a row is to keep: at least, or at most, `bound`."""

    kind: Literal["at least", "at most"]
    bound: float

    def is_met(self, median: float) -> bool:
        """Whether this median keeps the bound; NaN does not."""
        return median >= self.bound if self.kind == "at least" else median <= self.bound

    def __str__(self) -> str:
        return f"{'≥' if self.kind == 'at least' else '≤'} {self.bound:g}"


@dataclass(frozen=True)
class Row:
    """A line of the table.

    name: unique. compares: what is compared or measured, as a phrase. aim: None if there is none. unit: "" for a ratio.
    reason: why the aim may be missed, a sentence: then a miss is no failure.
    """

    name: str
    compares: str
    aim: Aim | None = None
    unit: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Effort:
    """How long to measure. rounds: turns of each contestant. turn: seconds of a turn. quick: whether to do as little as
    shows that a measurement works; its numbers are then rough."""

    rounds: int
    turn: float
    quick: bool = False


USUAL = Effort(rounds=7, turn=0.6)
QUICK = Effort(rounds=3, turn=0.1, quick=True)


@dataclass(frozen=True)
class Workbench:
    """What a measurement works with. folder: an empty one of its own, deleted afterwards. say: shows its progress."""

    effort: Effort
    folder: Path
    say: Callable[[str], None]


@dataclass(frozen=True)
class Measurement:
    """Something to measure: one or more rows.

    name: what --only names. seconds: about how long it takes with the usual effort on two cores. measure: takes it.
    Raises NotMeasured if this machine lacks what it needs.
    """

    name: str
    rows: tuple[Row, ...]
    seconds: float
    measure: Callable[[Workbench], Values]


class NotMeasured(Exception):
    """This machine lacks what a measurement needs; `str` is why, a sentence."""
