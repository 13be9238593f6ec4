"""All measurements, in the order of the table, and the choice among them."""

from collections.abc import Sequence

from pipeline.bench.declaration import Measurement
from pipeline.bench.first_page import START
from pipeline.bench.memory import MEMORY
from pipeline.bench.storage import STORAGE
from pipeline.bench.templates import TEMPLATES
from pipeline.bench.two_ranks import RANKS
from pipeline.bench.viewers import VIEWERS
from pipeline.errors.machine import UnknownMeasurement

MEASUREMENTS = (*TEMPLATES, VIEWERS, MEMORY, STORAGE, RANKS, START)


def chosen(names: Sequence[str]) -> tuple[Measurement, ...]:
    """The measurements of these names, in the order of the table; all for none. Raises UnknownMeasurement."""
    known = {measurement.name: measurement for measurement in MEASUREMENTS}
    for name in names:
        if name not in known:
            raise UnknownMeasurement(name, list(known))
    return tuple(measurement for name, measurement in known.items() if not names or name in names)
