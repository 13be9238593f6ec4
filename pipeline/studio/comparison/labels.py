"""Names of several runs that tell them apart: runs may share a name."""

from collections import Counter
from collections.abc import Mapping, Sequence

from pipeline.formatting import shortened
from pipeline.runs.store import RunRecord

LONGEST = 40
"""Maximum number of characters of a name in a label."""
DIGITS = 4
"""Of the id, for runs of the same name."""


def labels(runs: Sequence[RunRecord]) -> Mapping[str, str]:
    """The label of each run, by id: its name, shortened; with the last digits of its id where that is needed to tell
    runs apart, and the whole id where these are the same too."""
    names = {run.id: _short(run.name) for run in runs}
    digits = {run: f"{name} ({run[-DIGITS:]})" for run, name in names.items()}
    return _told_apart(_told_apart(names, digits), {run: f"{name} ({run})" for run, name in names.items()})


def _short(name: str) -> str:
    return shortened(" ".join(name.split()) or "unnamed", LONGEST)


def _told_apart(labels: Mapping[str, str], longer: Mapping[str, str]) -> Mapping[str, str]:
    """The labels, with the longer one where several runs have the same."""
    counts = Counter(labels.values())
    return {run: longer[run] if counts[label] > 1 else label for run, label in labels.items()}
