"""The results of measurements: medians, ranges, verdicts, and the exit code that follows from them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Literal

from pipeline.bench.declaration import Row
from pipeline.formatting import number

Verdict = Literal["met", "missed", "missed for a reason", "no aim", "not measured", "failed"]


@dataclass(frozen=True)
class Result:
    """A row of the table with what was measured.

    values: one for each turn; () if nothing was measured, and `why` then says why. failed: whether the measurement
    failed, which it should not, rather than lacking what it needs.
    """

    row: Row
    values: tuple[float, ...] = ()
    why: str = ""
    failed: bool = False

    @property
    def median(self) -> float:
        """The median of the values: with an even number of them, the mean of the two in the middle. NaN without any."""
        return median(self.values) if self.values else float("nan")

    @property
    def verdict(self) -> Verdict:
        """What became of the aim."""
        if not self.values:
            return "failed" if self.failed else "not measured"
        if self.row.aim is None:
            return "no aim"
        if self.row.aim.is_met(self.median):
            return "met"
        return "missed for a reason" if self.row.reason else "missed"

    @property
    def remark(self) -> str:
        """The sentence that belongs to the verdict: why an aim was missed, or nothing measured; "" if none does."""
        return self.row.reason if self.verdict == "missed for a reason" else self.why

    def as_dict(self) -> dict[str, Any]:
        """For JSON; NaN for a median or an end of the range without values."""
        aim = self.row.aim
        return {
            "name": self.row.name,
            "compares": self.row.compares,
            "median": self.median,
            "low": min(self.values, default=float("nan")),
            "high": max(self.values, default=float("nan")),
            "turns": len(self.values),
            "unit": self.row.unit,
            "aim": None if aim is None else {"kind": aim.kind, "bound": aim.bound},
            "verdict": self.verdict,
            "remark": self.remark,
            "values": list(self.values),
        }


HEADINGS = ("measured", "median", "range", "turns", "aim", "verdict")


def exit_code(results: Iterable[Result], rough: bool = False) -> int:
    """1 if an aim was missed without a reason or a measurement failed, else 0. rough: whether the numbers are too rough
    to hold aims against."""
    wrong = ("failed",) if rough else ("missed", "failed")
    return int(any(result.verdict in wrong for result in results))


def as_rows(results: Sequence[Result]) -> list[tuple[str, ...]]:
    """The table with its headings, as text."""
    return [HEADINGS, *map(_cells, results)]


def remarks(results: Sequence[Result]) -> list[str]:
    """The sentences that belong to the table, each after the names of its rows."""
    said: dict[str, list[str]] = {}
    for result in results:
        if result.remark:
            said.setdefault(result.remark, []).append(result.row.name)
    return [f"{', '.join(names)}: {sentence}" for sentence, names in said.items()]


def _cells(result: Result) -> tuple[str, ...]:
    row, values = result.row, result.values
    what = f"{row.name}: {row.compares}"
    aim = "–" if row.aim is None else str(row.aim)
    if not values:
        return (what, "–", "–", "0", aim, result.verdict)
    unit = f" {row.unit}" if row.unit else ""
    spread = f"{_figure(min(values))} to {_figure(max(values))}"
    return (what, f"{_figure(result.median)}{unit}", spread, str(len(values)), aim, result.verdict)


def _figure(value: float) -> str:
    """Three decimals for ratios and seconds, fewer digits for large numbers."""
    return f"{value:.3f}" if abs(value) < 100 else number(value)
