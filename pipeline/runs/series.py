"""Declarations of what a run records: a `Series` says what its numbers mean, and how and in which chart they are drawn.

The family, node or metric that produces a series declares it. Charts, expressions, CSV headings, help texts and hints
read the declaration; a recorded series without one (its node is no longer loaded) gets `undeclared`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import get_args

from pipeline.colours import Colour, Dash
from pipeline.why import Why

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
RESERVED = ("step", "and", "or", "not", "abs", "min", "max", "mean", "isnan")
"""Names reserved in expressions."""
LONGEST_NAME = 100
"""Maximum length of a name in the database."""


@dataclass(frozen=True)
class Chart:
    """A chart shared by series that name its title. unit: unit of its axis, in words.

    place: sort key of charts; charts of the same place keep the order of their series. folded: drawn only on request.
    percent: the values are shares, from 0 to 1, shown as 0 % to 100 %. linear: never drawn on a logarithmic axis, since
    its values have a sign or end at 1. losses: its series are what training minimises, so that hints judge them so.
    """

    title: str
    unit: str
    place: int = 100
    folded: bool = False
    percent: bool = False
    linear: bool = False
    losses: bool = False


@dataclass(frozen=True)
class Series:
    """One number that a run records at every step, or at the steps of sample grids.

    name: the name used in expressions and CSV headings. meaning: a few words without a full stop, e.g. "mean score of
    real images". chart: the chart it is drawn in, if any. colour, dash: style of its line; lines of one chart differ in
    their dash. why: why it matters, with a source.
    """

    name: str
    meaning: str
    chart: Chart | None
    colour: Colour = "grey"
    dash: Dash = "solid"
    why: Why | None = None

    @property
    def unit(self) -> str:
        """Unit of its axis, in words; "" if it is not drawn."""
        return self.chart.unit if self.chart else ""


LOSS = Chart("Loss", "loss", 10, losses=True)
GRADIENT_NORM = Chart("Gradient norm", "L2 norm", 50)
THROUGHPUT = Chart("Throughput", "images per second", 80)
LEARNING_RATE = Chart("Learning rate", "size of a step", 90)

IMAGES_PER_SECOND = Series(
    "images_per_second",
    "speed",
    THROUGHPUT,
    why=Why(
        "It is the batch size times the steps per second, so that runs with different batches can be compared. A drop "
        "points to another program on the device, or to images that arrive too slowly.",
        "Dehghani et al. 2021",
        "https://arxiv.org/abs/2110.12894",
    ),
)
SECONDS = Series(
    "seconds",
    "seconds of training so far",
    None,
    why=Why(
        "Curves over time compare what runs achieve for the same cost, which curves over steps do not. Only time spent "
        "on steps counts: pauses do not.",
        "Coleman et al. 2018",
        "https://arxiv.org/abs/1806.01427",
    ),
)
CLOCKS = (IMAGES_PER_SECOND, SECONDS)
"""Series that every run records after those of its updates: batch size · steps per second, and elapsed training
seconds."""

DIVERSITY = Series(
    "diversity",
    "distance between samples; 1 as between real images",
    Chart("Diversity", "relative to real images", 60),
    "purple",
    why=Why(
        "A network can be rewarded for a few good images that it repeats, which no loss shows. If samples are much "
        "closer to each other than real images are, it has collapsed onto a few modes.",
        "Salimans et al. 2016",
        "https://arxiv.org/abs/1606.03498",
    ),
)
ENERGY_DISTANCE = Series(
    "energy_distance",
    "distance of samples from real images",
    Chart("Distance to real images", "energy distance", 210, folded=True),
    "purple",
    why=Why(
        "It compares the distances between samples and real images with those within each of the two sets. It is zero "
        "only if both come from the same distribution, so it judges samples without a trained network.",
        "Székely and Rizzo 2013",
        "https://doi.org/10.1016/j.jspi.2013.03.018",
    ),
)
DEAD_UNITS = Series(
    "dead_units",
    "largest share of a layer's units that stay zero",
    Chart("Dead units", "share of a layer's units", 260, folded=True, percent=True, linear=True),
    "brown",
    why=Why(
        "A unit whose activation is zero for every image passes no gradient back, so it cannot recover. Many of them "
        "make a network smaller than it looks, often after a learning rate that was too high.",
        "Lu et al. 2019",
        "https://arxiv.org/abs/1903.06733",
    ),
)


def checkup_of(*own: Series) -> tuple[Series, ...]:
    """The series measured with every sample grid: those of every family, and `own`, which this family adds."""
    return (DIVERSITY, ENERGY_DISTANCE, *own, DEAD_UNITS)


def names_of(series: Iterable[Series]) -> tuple[str, ...]:
    return tuple(each.name for each in series)


def by_name(series: Iterable[Series]) -> Mapping[str, Series]:
    return {each.name: each for each in series}


def series_fault(series: Iterable[object]) -> str:
    """What is wrong with the series of a run, as a sentence; "" if they can be recorded, used in expressions and drawn.

    Custom declarations may hold anything; the fault must be found here, not by a page that draws them.
    """
    known: set[str] = set()
    for each in series:
        if not isinstance(each, Series):
            return f"{str(each)[:60]!r} is not a Series."
        if not isinstance(each.name, str) or not NAME.fullmatch(each.name) or each.name in RESERVED:
            return f"{each.name!r} cannot be the name of a series: use letters, digits and underscores, and no keyword."
        if len(each.name) > LONGEST_NAME:
            return f"The name of the series {each.name[:30] + '…'!r} is longer than {LONGEST_NAME} characters."
        if each.name in names_of(CLOCKS):
            return f"Every run already records a series {each.name!r}: choose another name."
        if each.name in known:
            return f"The series {each.name!r} is declared twice."
        known.add(each.name)
        if fault := _fault_of_look(each):
            return f"The series {each.name!r} {fault}."
    return ""


def _fault_of_look(series: Series) -> str:
    """Why a series cannot be drawn and described, as the end of a sentence; "" if it can."""
    if not series.meaning or not isinstance(series.meaning, str):
        return "has no meaning: describe it in a few words"
    if series.colour not in get_args(Colour):
        return f"has the colour {series.colour!r}: choose {', '.join(get_args(Colour))}"
    if series.dash not in get_args(Dash):
        return f"has the dash {series.dash!r}: choose {', '.join(get_args(Dash))}"
    why: object = series.why
    if why is not None and not isinstance(why, Why):
        return "has an invalid why: give it a Why with two sentences and a source, or None"
    chart = series.chart
    if chart is not None and not (
        isinstance(chart, Chart)
        and isinstance(chart.title, str)
        and chart.title
        and isinstance(chart.unit, str)
        and isinstance(chart.place, int | float)
    ):
        return "has an invalid chart: give it a Chart with a title and a unit, or None"
    return ""


def undeclared(name: str) -> Series:
    """A series for a recorded name that no loaded code declares: drawn in grey, on request."""
    return Series(name, "recorded by a node that is not loaded", Chart(name, "value", 900, folded=True))
