"""How each of several runs is drawn: the same colour and dash in every chart of the page."""

from collections.abc import Mapping, Sequence

from pages.components.shell.palette import CLASS_COLOURS, DASHES, Line
from pipeline.runs.store import RunRecord
from pipeline.studio.comparison.labels import labels

MOST_LINES = 20
"""Runs that differ in their colour or their dash."""


def lines_of_runs(runs: Sequence[RunRecord]) -> Mapping[str, Line]:
    """The line of each run, by id, in the order of the runs. Neighbours differ in colour and in dash."""
    dashes = list(DASHES)
    return {
        run: Line(label, CLASS_COLOURS[number % len(CLASS_COLOURS)], dashes[number % len(dashes)])
        for number, (run, label) in enumerate(labels(runs).items())
    }
