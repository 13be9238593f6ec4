"""Adds the runs of a bundle to a home.

The files are written to a hidden folder first. Then, in one transaction, the rows are added and the folders are renamed
to their places: a process that is killed on the way leaves nothing that anybody sees, and what it left hidden is
deleted by a later import or deletion. Until the transaction has ended, a file in the folder of a run marks it as one
that an import may replace: one without it has files that nothing else may have, since its row was lost.
"""

import secrets
import shutil
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, select

from pipeline.errors.bundles import AlreadyImported
from pipeline.errors.machine import CannotWrite
from pipeline.runs import schema
from pipeline.runs.atomic_files import make_folder, os_errors_as_refusals
from pipeline.runs.bundles import run_tables
from pipeline.runs.bundles.archive import PIECE, Bundle, opened
from pipeline.runs.bundles.manifest import UPLOADS, file_of_run
from pipeline.runs.bundles.prepared_blocks import prepare, prepared_rows
from pipeline.runs.bundles.renamed_files import name_run_in_evaluations
from pipeline.runs.bundles.run_tables import RunTables
from pipeline.runs.exporting.progress import ExportProgress, show_bytes, unseen
from pipeline.runs.files import AUTOENCODERS
from pipeline.runs.ids import new_run_id
from pipeline.runs.keeping import MEGABYTE
from pipeline.runs.store import Event, RunRecord, Store, insert_event

HIDDEN = ".importing-"
MARK = ".importing"
"""A file in the folder of a run whose rows are not committed yet."""
_BLOCKS = ".blocks"
FORGOTTEN_SECONDS = 24 * 3600.0
"""Age at which a hidden folder is that of a process that was killed."""


@dataclass(frozen=True)
class ImportedRun:
    """A run that was imported. id: here. was: its id in the bundle. lost_parent: the run that it was forked from, if
    that is neither in the bundle nor here."""

    id: str
    was: str
    name: str
    step: int
    lost_parent: str | None


@dataclass(frozen=True)
class Imported:
    """What an import did. present: id in the bundle -> id here, of runs that were here already. uploads: names of data
    sets that were added. taken: names of data sets that were not, because the home has others of the same name."""

    runs: tuple[ImportedRun, ...]
    present: Mapping[str, str]
    uploads: tuple[str, ...]
    taken: tuple[str, ...]


def import_bundle(store: Store, path: Path, who: str, progress: ExportProgress = unseen) -> Imported:
    """Import the runs that are not here yet. who: name of the user, for the runs' events.

    A run keeps its id if that is free. Raises DamagedBundle, NewerBundle, AlreadyImported, UnusableFile and
    CannotWrite, with the home unchanged.
    """
    with opened(path, progress) as bundle:
        tables = _tables(bundle)
        with store.database.reading() as connection:
            present = {run: here for run, each in tables.items() if (here := _present(connection, each.record))}
        new = {run: each for run, each in tables.items() if run not in present}
        if not new:
            raise AlreadyImported(str(path), ", ".join(f"run {here}" for here in present.values()))
        _require_space(store.home, bundle)
        delete_forgotten(store.home / "runs")
        hidden = store.home / "runs" / f"{HIDDEN}{secrets.token_hex(8)}"
        make_folder(hidden)
        try:
            with os_errors_as_refusals(hidden):
                _unpack(bundle, new, hidden, progress)
                return _add(store, bundle, new, present, hidden, who)
        finally:
            shutil.rmtree(hidden, ignore_errors=True)


def _tables(bundle: Bundle) -> dict[str, RunTables]:
    """The rows of all runs by id, ancestors first. Raises DamagedBundle."""
    found: dict[str, RunTables] = {}
    ids = [run.id for run in bundle.manifest.runs]
    for run in ids:
        found[run] = run_tables.read(bundle, run)
        parent = found[run].record.parent
        if parent == run or (parent in ids and parent not in found):
            raise bundle.damaged(f"run {run} comes before the run that it was forked from")
    return found


def _present(connection: Connection, record: RunRecord) -> str | None:
    """The id under which this very run is here: as it was exported, or imported before; None if it is not."""
    runs, events = schema.runs, schema.events
    same = (runs.c.id == record.id) & (runs.c.created == record.created) & (runs.c.step == record.step)
    found = connection.execute(select(runs.c.id).where(same & (runs.c.seconds == record.seconds))).scalar()
    if found is not None:
        return str(found)
    origin = _origin(record)
    for run, data in connection.execute(select(events.c.run, events.c.data).where(events.c.kind == "imported")):
        if data and data.get("origin") == origin:
            return str(run)
    return None


def _origin(record: RunRecord) -> dict[str, object]:
    """What tells a run, as it was when it was exported, from all others."""
    return {"run": record.id, "created": record.created, "step": record.step, "seconds": record.seconds}


def _require_space(home: Path, bundle: Bundle) -> None:
    with os_errors_as_refusals(home):
        free = shutil.disk_usage(home).free
    if bundle.size > free:
        needed, room = (f"{each / MEGABYTE:,.1f} MB" for each in (bundle.size, free))
        raise CannotWrite(str(home), f"the bundle needs {needed}, and {room} are free")


def delete_forgotten(folder: Path) -> None:
    """Delete what imports that were killed have left in the folder of runs; one under way is not touched."""
    for path in folder.glob(f"{HIDDEN}*"):
        try:
            old = time.time() - path.stat().st_mtime > FORGOTTEN_SECONDS
        except OSError:
            continue
        if old:
            shutil.rmtree(path, ignore_errors=True)


def _unpack(bundle: Bundle, new: Mapping[str, RunTables], hidden: Path, progress: ExportProgress) -> None:
    """Write the files of the new runs to `hidden/<id in the bundle>`, uploads and autoencoders to `hidden/uploads` and
    `hidden/autoencoders`, and the rows of blocks beside them."""
    done = 0
    for name, entry in bundle.entries.items():
        file = file_of_run(name)
        if file is not None and file[0] in new:
            target = hidden / file[0] / file[1]
        elif name.startswith((f"{UPLOADS}/", f"{AUTOENCODERS}/")):
            target = hidden / name
        else:
            continue
        make_folder(target.parent)
        with bundle.open(name) as source, target.open("xb") as out:
            while piece := source.read(PIECE):
                out.write(piece)
                done += len(piece)
                show_bytes(progress, "Writing", done, bundle.size)
        assert target.stat().st_size == entry.size
    for run, tables in new.items():
        make_folder(hidden / run / "checkpoints")
        make_folder(hidden / run / "grids")
        (hidden / run / MARK).touch()
        prepare(bundle, tables, hidden / f"{run}{_BLOCKS}")


def _add(
    store: Store, bundle: Bundle, new: Mapping[str, RunTables], present: Mapping[str, str], hidden: Path, who: str
) -> Imported:
    """Add the rows and rename the folders, both or neither."""
    moved: list[tuple[Path, Path]] = []
    try:
        with store.database.writing() as connection:
            ids = dict(present)
            imported = []
            for was, tables in new.items():
                folder = store.files(was).folder
                free = not _exists(connection, was) and (not folder.exists() or (folder / MARK).exists())
                ids[was] = was if free else new_run_id()
                parent = tables.record.parent
                here = ids.get(parent) or (parent if _exists(connection, parent) else None) if parent else None
                each = ImportedRun(ids[was], was, tables.record.name, tables.record.step, parent if not here else None)
                _insert(connection, bundle, tables, each, here, hidden, who)
                imported.append(each)
            for each in imported:
                if each.id != each.was:
                    name_run_in_evaluations(hidden / each.was, each.id)
                _move(hidden / each.was, store.files(each.id).folder, moved)
            uploads, taken = _move_new(hidden / UPLOADS, store.home / UPLOADS, moved)
            # One of the same name is the same: it names the run and the step.
            _move_new(hidden / AUTOENCODERS, store.home / AUTOENCODERS, moved)
    except BaseException:
        for source, target in reversed(moved):
            target.replace(source)
        raise
    for each in imported:
        with suppress(OSError):
            (store.files(each.id).folder / MARK).unlink()
    return Imported(tuple(imported), present, uploads, taken)


def _insert(
    connection: Connection,
    bundle: Bundle,
    tables: RunTables,
    run: ImportedRun,
    parent: str | None,
    hidden: Path,
    who: str,
) -> None:
    record = tables.record
    # No process trains it here, and no job of this home's cluster.
    state = "interrupted" if record.state == "running" else record.state
    ids = run_tables.insert_run(connection, tables, replace(record, id=run.id, parent=parent, state=state, job=""))
    blocks = prepared_rows(hidden / f"{run.was}{_BLOCKS}", tables, ids)
    run_tables.insert_all(connection, schema.metric_blocks, blocks)
    run_tables.insert_all(connection, schema.measurement_blocks, run_tables.point_rows(bundle, tables, ids))
    written = datetime.fromtimestamp(bundle.manifest.created, UTC)
    sentences = [f"Imported from a bundle that Genscope {bundle.manifest.version} wrote on {written:%Y-%m-%d}."]
    if run.id != run.was:
        sentences.append(f"It was run {run.was} there; that id is taken here.")
    if run.lost_parent is not None:
        first = f"{record.parent_step or 0:,}"
        sentences.append(f"Run {run.lost_parent}, from which it was forked at step {first}, is not here.")
    event = Event(record.step, time.time(), "imported", " ".join(sentences), who, {"origin": _origin(record)})
    insert_event(connection, run.id, event)


def _exists(connection: Connection, run: str) -> bool:
    return connection.execute(select(schema.runs.c.id).where(schema.runs.c.id == run)).one_or_none() is not None


def _move(source: Path, target: Path, moved: list[tuple[Path, Path]]) -> None:
    """Rename a folder or a file to its place, and note it."""
    if target.is_dir():
        # It has the mark: it was left by an import that was killed between renaming and committing.
        shutil.rmtree(target)
    source.replace(target)
    moved.append((source, target))


def _move_new(hidden: Path, folder: Path, moved: list[tuple[Path, Path]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Move what is in `hidden` to `folder`, and return the names of what was moved, and of what was not, because its
    name is taken there."""
    found: Sequence[Path] = sorted(hidden.iterdir()) if hidden.is_dir() else []
    if found:
        make_folder(folder)
    free = [path for path in found if not (folder / path.name).exists()]
    for path in free:
        _move(path, folder / path.name, moved)
    return tuple(path.name for path in free), tuple(path.name for path in found if path not in free)
