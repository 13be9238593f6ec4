"""How each of several runs is drawn: the same colour and dash in every chart of the page."""

from collections.abc import Mapping, Sequence
from zlib import crc32

from pages.components.shell.palette import CLASS_COLOURS, DASHES, Line
from pipeline.runs.store import RunRecord
from pipeline.studio.comparison.labels import labels


def lines_of_runs(runs: Sequence[RunRecord]) -> Mapping[str, Line]:
    """The line of each run, by id, in the order of the runs.

    A run has a colour of its own, by its id, wherever it is drawn. Where an earlier run has the same, it gets the next
    one that is free. Neighbours also differ in their dash.
    """
    dashes = list(DASHES)
    taken: list[str] = []
    lines = {}
    for number, (run, label) in enumerate(labels(runs).items()):
        own = crc32(run.encode()) % len(CLASS_COLOURS)
        ordered = [*CLASS_COLOURS[own:], *CLASS_COLOURS[:own]]
        # The first of those that are used least.
        colour = min(ordered, key=taken.count)
        taken.append(colour)
        lines[run] = Line(label, colour, dashes[number % len(dashes)])
    return lines
