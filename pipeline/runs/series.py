"""What a run records, declared once: a `Series` says what its numbers mean, in which chart they stand and how.

The family, the node or the metric that makes a series declares it. Charts, expressions, CSV headings, help texts and
hints read the declaration; a series that nobody declares (of a node that is no longer loaded) has `undeclared`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pipeline.colours import Colour, Dash

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
RESERVED = ("step", "and", "or", "not", "abs", "min", "max", "mean", "isnan")
"""What expressions can speak of, and the names that mean something in them already."""


@dataclass(frozen=True)
class Chart:
    """A chart that series share, by its title. unit: of its axis, in words.

    place: charts stand in the order of their places, those of one place in the order of their series. folded: drawn
    only where it is asked for.
    """

    title: str
    unit: str
    place: int = 100
    folded: bool = False


@dataclass(frozen=True)
class Series:
    """One number that a run records at every step, or with every sample grid.

    name: as expressions and CSV headings have it. meaning: what it is, in a few words without a full stop, e.g. "mean
    score of real images". chart: where it is drawn, None for nowhere. colour, dash: of its line; lines of one chart
    differ in their dash.
    """

    name: str
    meaning: str
    chart: Chart | None
    colour: Colour = "grey"
    dash: Dash = "solid"

    @property
    def unit(self) -> str:
        """Of its axis, in words; "" where it is not drawn."""
        return self.chart.unit if self.chart else ""


LOSS = Chart("Loss", "loss", 10)
GRADIENT_NORM = Chart("Gradient norm", "L2 norm", 50)
THROUGHPUT = Chart("Throughput", "images per second", 80)
LEARNING_RATE = Chart("Learning rate", "size of a step", 90)

IMAGES_PER_SECOND = Series("images_per_second", "speed", THROUGHPUT)
SECONDS = Series("seconds", "seconds of training so far", None)
CLOCKS = (IMAGES_PER_SECOND, SECONDS)
"""What every run records after the series of its updates: batch size · steps per second, and seconds of training."""

DIVERSITY = Series(
    "diversity",
    "distance between samples; 1 as between real images",
    Chart("Diversity", "relative to real images", 60),
    "purple",
)
ENERGY_DISTANCE = Series(
    "energy_distance",
    "distance of samples from real images",
    Chart("Distance to real images", "energy distance", 210, folded=True),
    "purple",
)
DEAD_UNITS = Series(
    "dead_units",
    "largest share of a layer's units that stay zero",
    Chart("Dead units", "share of a layer's units", 260, folded=True),
    "brown",
)


def checkup_of(*own: Series) -> tuple[Series, ...]:
    """What the checkup of a run measures with every sample grid: what every family's does, and `own` of this one."""
    return (DIVERSITY, ENERGY_DISTANCE, *own, DEAD_UNITS)


def names_of(series: Iterable[Series]) -> tuple[str, ...]:
    return tuple(each.name for each in series)


def by_name(series: Iterable[Series]) -> Mapping[str, Series]:
    return {each.name: each for each in series}


def fault_of(series: Iterable[Series]) -> str:
    """What is wrong with series of one run, as a sentence; "" where they can be recorded and spoken of."""
    known: set[str] = set()
    for each in series:
        if not NAME.fullmatch(each.name) or each.name in RESERVED:
            return f"{each.name!r} cannot be the name of a series: use letters, digits and underscores, and no keyword."
        if not each.meaning:
            return f"The series {each.name!r} does not say what it means."
        if each.name in known:
            return f"The series {each.name!r} is declared twice."
        known.add(each.name)
    return ""


def undeclared(name: str) -> Series:
    """A series that was recorded but that nothing which is loaded declares: drawn where asked for, in grey."""
    return Series(name, "recorded by a node that is not loaded", Chart(name, "value", 900, folded=True))
