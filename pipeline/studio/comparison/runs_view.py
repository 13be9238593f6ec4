"""What the Runs page shows, as query parameters of its URL: a link shows a colleague the same table and charts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, Self, get_args
from urllib.parse import quote, unquote

from pipeline.runs.figures import Figures
from pipeline.runs.ids import is_run_id
from pipeline.runs.run_filter import LONGEST_WORDS, FigureKind, Order, RunFilter
from pipeline.studio.charts.curves import XAxis
from pipeline.studio.comparison.metric_titles import metric_heading, metric_title

Show = Literal["table", "compare", "tree", "queue", "jobs"]
MOST_CHOSEN = 20
"""Runs that can be compared at once; more lines could not be told apart."""
MOST_DIGITS = 6
LONGEST = 200
"""Characters of one text in the address."""
MOST_NAMES = 50
"""Names in one list in the address; a database refuses queries with many hundreds."""


_KINDS: Mapping[FigureKind, str] = {"last": "last", "low": "lowest", "high": "highest"}


@dataclass(frozen=True)
class Column:
    """A column of the table: one figure of a metric."""

    metric: str
    of: FigureKind = "last"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The column that `metric:last`, `:low` or `:high` names; `metric` alone means its last value."""
        name, _, of = text.rpartition(":")
        kinds: dict[str, FigureKind] = {each: each for each in get_args(FigureKind)}
        return cls(name, kinds[of]) if name and of in kinds else cls(text)

    @property
    def text(self) -> str:
        """The inverse of `parse`."""
        return f"{self.metric}:{self.of}"

    @property
    def title(self) -> str:
        """What it shows, in words: "Diversity (last)"."""
        return f"{metric_title(self.metric)} ({_KINDS[self.of]})"

    @property
    def heading(self) -> str:
        """The same for the narrow heading of a column: "Diversity, last"."""
        return f"{metric_heading(self.metric)}, {_KINDS[self.of]}"

    def value(self, known: Mapping[str, Figures]) -> float | None:
        """Its figure among those of a run, by metric; None if the run has none."""
        return known[self.metric].of(self.of) if self.metric in known else None


@dataclass(frozen=True)
class RunsView:
    """The view that a link names.

    show: the table, the comparison of the chosen runs, the tree of forks, the queue, or the jobs. words, states,
    templates, images, tags, who, archived: the filter, as in `RunFilter`. sort: the order, as `Order.text`. page: of
    the table, from 1. columns: figures in the table; () for the usual ones. chosen: ids of the chosen runs. metrics:
    those that are compared; () for the usual ones. over, smoothing (in hundredths), log, clip: of the charts.
    """

    show: Show = "table"
    words: str = ""
    states: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    who: tuple[str, ...] = ()
    archived: bool = False
    sort: str = Order().text
    page: int = 1
    columns: tuple[str, ...] = ()
    chosen: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    over: XAxis = "step"
    smoothing: int = 60
    log: bool = False
    clip: bool = False

    @property
    def filter(self) -> RunFilter:
        """Of archived runs, all are found beside the others, or none."""
        return RunFilter(
            words=tuple(self.words.split()),
            states=self.states,
            templates=self.templates,
            images=self.images,
            tags=self.tags,
            who=self.who,
            archived=None if self.archived else False,
        )

    @property
    def filters(self) -> bool:
        """Whether any run is left out, except for archived ones."""
        return bool(self.words.split() or self.states or self.templates or self.images or self.tags or self.who)

    @property
    def order(self) -> Order:
        return Order.parse(self.sort)

    @classmethod
    def read(cls, address: Mapping[str, str]) -> Self:
        """Read the view from query parameters. Invalid values are ignored; no text raises an error."""
        found: dict[str, Any] = {}
        for name, told in address.items():
            if name in READ and (value := READ[name](told)) is not None:
                found[_FIELDS[name]] = value
        return cls(**found)

    def address(self) -> dict[str, str]:
        """The view as query parameters, defaults omitted; the inverse of `read`."""
        usual = type(self)()
        changed = {name: getattr(self, field) for name, field in _FIELDS.items()}
        return {name: _text(value) for name, value in changed.items() if value != getattr(usual, _FIELDS[name])}


_SHORT = {"words": "find", "states": "state", "templates": "template", "images": "data", "tags": "tag",
          "show": "view", "chosen": "runs"}  # fmt: skip
_FIELDS = {_SHORT.get(field.name, field.name): field.name for field in fields(RunsView)}
"""The field of each query parameter."""
ADDRESS = tuple(_FIELDS)


def _text(value: object) -> str:
    if isinstance(value, tuple):
        # A comma between names, and none in them.
        return ",".join(quote(each, safe=" ") for each in value)
    return "1" if value is True else str(value)


def _names(text: str) -> tuple[str, ...]:
    names = (unquote(each)[:LONGEST] for each in text[: LONGEST * 50].split(","))
    return tuple(dict.fromkeys(name for name in names if name))[:MOST_NAMES]


def _ids(text: str) -> tuple[str, ...]:
    return tuple(name for name in _names(text) if is_run_id(name))[:MOST_CHOSEN]


def _one_of(*known: str) -> Callable[[str], str | None]:
    return lambda text: text if text in known else None


def _whole(low: int, high: int) -> Callable[[str], int | None]:
    def read(text: str) -> int | None:
        valid = text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS
        return int(text) if valid and low <= int(text) <= high else None

    return read


READ: Mapping[str, Callable[[str], object]] = {
    "view": _one_of(*get_args(Show)),
    "find": lambda text: text[:LONGEST_WORDS],
    "state": _names,
    "template": _names,
    "data": _names,
    "tag": _names,
    "who": _names,
    "archived": lambda text: text == "1",
    "sort": lambda text: text[:LONGEST] or None,
    "page": _whole(1, 10**MOST_DIGITS - 1),
    "columns": _names,
    "runs": _ids,
    "metrics": _names,
    "over": _one_of(*get_args(XAxis)),
    "smoothing": _whole(0, 99),
    "log": lambda text: text == "1",
    "clip": lambda text: text == "1",
}
"""How each query parameter is read; None if it is invalid."""
