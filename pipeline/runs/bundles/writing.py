"""Writes runs to a bundle."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import IO, NamedTuple

from sqlalchemy import select

from pipeline.errors.bundles import UnusableForBundle
from pipeline.errors.runs import UnknownRun
from pipeline.runs import schema
from pipeline.runs.atomic_files import os_errors_as_refusals, temporary_sibling
from pipeline.runs.bundles import run_tables
from pipeline.runs.bundles.archive import PIECE, BundleWriter, writing
from pipeline.runs.bundles.manifest import UPLOADS, BundledRun, entry_of_file, is_allowed
from pipeline.runs.bundles.run_files import CheckpointChoice, autoencoder_copies, chosen_steps, files_in, open_groups
from pipeline.runs.exporting.progress import ExportProgress, show_bytes, unseen
from pipeline.runs.files import AUTOENCODERS
from pipeline.runs.store import RunRecord, Store


class Bundled(NamedTuple):
    """What was written. size: bytes of the file."""

    runs: tuple[RunRecord, ...]
    size: int


def write_bundle(
    store: Store,
    runs: Sequence[str],
    out: Path,
    *,
    checkpoints: CheckpointChoice = "all",
    ancestors: bool = True,
    uploads: Collection[Path] = (),
    progress: ExportProgress = unseen,
) -> Bundled:
    """Write runs, everything that the home keeps of them, to one file, which appears only when it is complete.

    checkpoints: which of each run. ancestors: also write the runs that these were forked from, with their ancestors.
    uploads: files and folders in the home's folder of uploads.
    A run that is being trained is written as it is at this moment. Raises UnknownRun, UnusableForBundle, CannotWrite.
    """
    records = in_order(store, runs, ancestors=ancestors)
    copies = autoencoder_copies(store.home, [record.workflow_text for record in records])
    beside = [*((UPLOADS, upload) for upload in uploads), *((AUTOENCODERS, copy) for copy in copies)]
    total = sum(store.files(record.id).disk_used() for record in records) + sum(_size(path) for _, path in beside)
    with os_errors_as_refusals(out), temporary_sibling(out) as temporary:
        with writing(temporary) as bundle:
            written = [_write_run(store, record.id, bundle, checkpoints, total, progress) for record in records]
            for place, path in beside:
                _write_beside(place, path, bundle, total, progress)
            bundle.finish([_bundled(record) for record in written])
        temporary.replace(out)
    return Bundled(tuple(written), out.stat().st_size)


def in_order(store: Store, runs: Sequence[str], *, ancestors: bool) -> list[RunRecord]:
    """The runs of a bundle, each after the run that it was forked from. ancestors: as for `write_bundle`. Raises
    UnknownRun."""
    found: dict[str, RunRecord] = {}
    for run in runs:
        line = [store.run(run)]
        while (parent := line[-1].parent) is not None and parent not in found:
            line.append(store.run(parent))
        wanted = reversed(line) if ancestors else (each for each in reversed(line) if each.id in runs)
        found |= {each.id: each for each in wanted}
    return list(found.values())


def _bundled(record: RunRecord) -> BundledRun:
    return BundledRun(id=record.id, name=record.name, step=record.step, parent=record.parent)


def _write_run(
    store: Store,
    run: str,
    bundle: BundleWriter,
    checkpoints: CheckpointChoice,
    total: int,
    progress: ExportProgress,
) -> RunRecord:
    """Write a run, and return its record as it was then."""
    with store.database.reading() as connection:
        row = connection.execute(select(schema.runs).where(schema.runs.c.id == run)).one_or_none()
        if row is None:
            raise UnknownRun(run)
        record = RunRecord(**row._mapping)
        run_tables.write(connection, record, bundle)
    files = store.files(run)
    # One that was saved since then has steps before it that the rows lack.
    for group in open_groups(files, chosen_steps(files, checkpoints, newest=record.step)):
        for name, file in group:
            _copy(file, entry_of_file(run, name), bundle, total, progress)
    return record


def _write_beside(place: str, path: Path, bundle: BundleWriter, total: int, progress: ExportProgress) -> None:
    """Write a file, or a folder with all its files but hidden ones. place: the first part of the names of its entries.
    Raises UnusableForBundle."""
    for each in _files_of(path):
        inside = each.relative_to(path.parent)
        if any(part.startswith(".") for part in inside.parts):
            continue
        name = f"{place}/{inside.as_posix()}"
        if not is_allowed(name):
            raise UnusableForBundle(f"no bundle can hold a file of the name {name[:120]!r}", "Rename or move it.")
        with each.open("rb") as file:
            _copy(file, name, bundle, total, progress)


def _copy(file: IO[bytes], name: str, bundle: BundleWriter, total: int, progress: ExportProgress) -> None:
    """Write a file as an entry."""
    with bundle.entry(name) as entry:
        while piece := file.read(PIECE):
            entry.write(piece)
            show_bytes(progress, "Writing", min(bundle.done + entry.size, total), total)


def _files_of(path: Path) -> list[Path]:
    return [each for each in files_in(path) if each.is_file()] if path.is_dir() else [path]


def _size(path: Path) -> int:
    return sum(each.stat().st_size for each in _files_of(path))
