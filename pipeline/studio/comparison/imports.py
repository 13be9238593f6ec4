"""The import of a bundle that a browser has sent, and what it did, in sentences."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline.errors.base import GenscopeError, Refusal
from pipeline.formatting import counted, listed, shortened
from pipeline.runs.bundles.importing import Imported, import_bundle
from pipeline.runs.exporting.progress import ExportProgress
from pipeline.runs.store import Store
from pipeline.studio.comparison.temporary_folder import temporary_folder

NAMED = 5
"""Runs that are named; the others are counted."""


def import_content(store: Store, name: str, content: bytes, who: str, progress: ExportProgress) -> str:
    """Import the runs of a bundle, and return `imported_words`. name, content: of the file. Raises GenscopeError, which
    names the file as the user knows it, and what `progress` raises."""
    with temporary_folder() as folder:
        path = folder / (Path(name).name or "bundle.zip")
        path.write_bytes(content)
        try:
            return imported_words(import_bundle(store, path, who, progress))
        except GenscopeError as error:
            raise Refusal(str(error).replace(f"{folder}/", "")) from error


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
