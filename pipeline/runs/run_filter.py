"""Which runs are looked for, and in which order they are listed.

    RunFilter(words=("dcgan", "lr"), states=("finished",))
    Order.parse("-step"), Order.parse("-sliced_distance:low")

`catalogue.py` searches by them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, Self, get_args

from sqlalchemy import ColumnElement, and_, func, select, true

from pipeline.runs.schema import runs, tags
from pipeline.runs.text_order import by_characters

FigureKind = Literal["last", "low", "high"]
"""The last, lowest or highest value of a series of a run."""

COLUMNS = (
    "created", "updated", "name", "state", "step", "total_steps", "seconds", "images_per_second", "batch_size",
    "train_images", "seed", "device", "who", "template", "images", "parent", "changed", "note",
)  # fmt: skip
"""The columns by which runs can be ordered. They come before metrics of the same name."""
TEXTS = frozenset({"name", "state", "device", "who", "template", "images", "changed", "note"})
"""Those of them that are ordered without regard to case; an empty text is no value."""
LONGEST_WORDS = 200
"""Characters of all words to look for: each word makes the query longer, and databases refuse very long ones."""


@dataclass(frozen=True)
class RunFilter:
    """The runs to find; a field left as it is finds all.

    words: each must occur in the name, note, id, tags, user, template or images, upper or lower case alike. states,
    templates, images, who: the run has one of them. tags: it has all of them. archived: None for archived runs and
    others. parent: the id of the run that it was forked from.
    """

    words: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    who: tuple[str, ...] = ()
    archived: bool | None = False
    parent: str = ""

    @property
    def condition(self) -> ColumnElement[bool]:
        """For a query of the table `runs`."""
        return and_(true(), *self._conditions())

    def _conditions(self) -> Iterator[ColumnElement[bool]]:
        for column, wanted in (
            (runs.c.state, self.states),
            (runs.c.template, self.templates),
            (runs.c.images, self.images),
            (runs.c.who, self.who),
        ):
            if wanted:
                yield column.in_(wanted)
        if self.archived is not None:
            yield runs.c.archived.is_(self.archived)
        if self.parent:
            yield runs.c.parent == self.parent
        for tag in self.tags:
            yield runs.c.id.in_(select(tags.c.run).where(tags.c.tag == tag))
        for word in self.words:
            yield _contains(word.lower())


@dataclass(frozen=True)
class Order:
    """An order of runs: by a column, or by a value of a metric. Runs without a value come last, whichever the
    direction; among equals, the newest comes first.

    key: one of COLUMNS, or the name of a metric. of: which of the metric's values.
    """

    key: str = "created"
    descending: bool = True
    of: FigureKind = "last"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The order that `text` names: [-]KEY, or [-]METRIC:last, :low or :high. "-" means descending."""
        key, _, of = text.removeprefix("-").partition(":")
        kinds: tuple[FigureKind, ...] = get_args(FigureKind)
        kind = next((each for each in kinds if each == of), None)
        # A colon that says something else belongs to the name.
        return cls(key if kind or not of else f"{key}:{of}", text.startswith("-"), kind or "last")

    @property
    def text(self) -> str:
        """What `parse` reads as this order."""
        return f"{'-' * self.descending}{self.key}{'' if self.of == 'last' else f':{self.of}'}"

    @property
    def by_metric(self) -> bool:
        return self.key not in COLUMNS

    @property
    def columns(self) -> tuple[ColumnElement[object], ...]:
        """The order as columns of a query; the order by a metric, for which there is none, leaves the newest first."""
        if self.by_metric:
            return (runs.c.id.desc(),)
        column = runs.c[self.key]
        value = by_characters(func.nullif(func.lower(column), "")) if self.key in TEXTS else column
        ordered: ColumnElement[Any] = (value.desc() if self.descending else value.asc()).nulls_last()
        return (ordered, runs.c.id.desc())


def _contains(word: str) -> ColumnElement[bool]:
    """That a word, in small letters, occurs in what describes a run."""
    # Words contain no line break, so none is found across two of the texts.
    together: ColumnElement[str] = runs.c.id
    for name in ("name", "note", "who", "template", "images"):
        together = together + "\n" + runs.c[name]
    tagged = select(tags.c.run).where(func.lower(tags.c.tag).contains(word, autoescape=True))
    return func.lower(together).contains(word, autoescape=True) | runs.c.id.in_(tagged)
