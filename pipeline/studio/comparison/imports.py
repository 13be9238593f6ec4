"""What the import of a bundle did, in sentences."""

from collections.abc import Mapping, Sequence

from pipeline.formatting import counted, listed, shortened
from pipeline.runs.bundles.importing import Imported

NAMED = 5
"""Runs that are named; the others are counted."""


def imported_words(found: Imported) -> str:
    """What an import did: the runs, those that were here already, and what was left out."""
    sentences = [f"Imported {counted(len(found.runs), 'run')}: {_named([each.name for each in found.runs])}."]
    renumbered = [each for each in found.runs if each.id != each.was]
    if renumbered:
        sentences.append(f"{counted(len(renumbered), 'run')} got another id, because a run here has it.")
    if found.present:
        sentences.append(f"{_here(found.present)} here already.")
    lost = [each.name for each in found.runs if each.lost_parent]
    if lost:
        sentences.append(f"Without the curves before their forks, because those runs are not here: {_named(lost)}.")
    if found.uploads:
        sentences.append(f"Also the uploaded images {_named(found.uploads)}.")
    if found.taken:
        sentences.append(f"The uploaded images {_named(found.taken)} were left out: others here have that name.")
    return " ".join(sentences)


def _here(present: Mapping[str, str]) -> str:
    return f"{counted(len(present), 'run')} {'was' if len(present) == 1 else 'were'}"


def _named(names: Sequence[str]) -> str:
    shown = [shortened(name, 40) for name in names[:NAMED]]
    if others := len(names) - len(shown):
        shown.append(f"{others:,} more")
    return listed(shown)
