"""Declarations of what a run records: a `Series` says what its numbers mean, and how and in which chart they are drawn.

The family, node or metric that produces a series declares it. Charts, expressions, CSV headings, help texts and hints
read the declaration; a recorded series without one (its node is no longer loaded) gets `undeclared`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pipeline.colours import Colour, Dash
from pipeline.why import Why


@dataclass(frozen=True)
class Chart:
    """A chart shared by series that name its title. unit: unit of its axis, in words.

    place: sort key of charts; charts of the same place keep the order of their series. folded: drawn only on request.
    percent: the values are shares, from 0 to 1, shown as 0 % to 100 %. linear: never drawn on a logarithmic axis, since
    its values have a sign or end at 1. losses: its series are what training minimises, so that hints judge them so.
    system: it shows what training takes of the machine, and is drawn in a section of its own.
    """

    title: str
    unit: str
    place: int = 100
    folded: bool = False
    percent: bool = False
    linear: bool = False
    losses: bool = False
    system: bool = False


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


def undeclared(name: str) -> Series:
    """A series for a recorded name that no loaded code declares: drawn in grey, on request."""
    return Series(name, "recorded by a node that is not loaded", Chart(name, "value", 900, folded=True))
