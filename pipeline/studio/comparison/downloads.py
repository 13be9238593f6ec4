"""Runs as files to download: what each kind of file has in it, how much that is, and the file itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipeline.errors.machine import UnusableFile
from pipeline.formatting import counted, size
from pipeline.runs import metrics
from pipeline.runs.bundles.run_files import CheckpointChoice, chosen_steps
from pipeline.runs.exporting.progress import ExportProgress
from pipeline.runs.exporting.run_rows import RunRows
from pipeline.runs.store import RunRecord, Store
from pipeline.studio.comparison.temporary_folder import temporary_folder
from pipeline.studio.workflows import measured_names

FileKind = Literal["csv", "long-csv", "parquet", "long-parquet", "bundle", "full-bundle"]
MOST_BYTES = 500_000_000
"""Largest bundle. A file is in the server's memory until the browser has it."""
MOST_VALUES = 20_000_000
"""Largest table; writing so many as CSV takes about a minute and a half of the server's time."""


@dataclass(frozen=True)
class Kind:
    """A kind of file. title: of the choice. about: what it is for, in a sentence. ending: of its name."""

    title: str
    about: str
    ending: str
    mime: str = "application/octet-stream"


KINDS: Mapping[FileKind, Kind] = {
    "csv": Kind("CSV, a row per step", "A column for each metric, for spreadsheets.", ".csv", "text/csv"),
    "long-csv": Kind("CSV, a row per value", "Columns run, step, metric and value.", ".csv", "text/csv"),
    "parquet": Kind("Parquet, a row per step", "As the CSV, with types, smaller and faster to read.", ".parquet"),
    "long-parquet": Kind("Parquet, a row per value", "Columns run, step, metric and value, with types.", ".parquet"),
    "bundle": Kind(
        "Bundle, newest and best checkpoints",
        "Everything for another Genscope, which goes on with the runs; pinned checkpoints too, no uploaded images.",
        ".zip",
        "application/zip",
    ),
    "full-bundle": Kind(
        "Bundle, all checkpoints",
        "Everything for another Genscope, which goes on with the runs, without uploaded images.",
        ".zip",
        "application/zip",
    ),
}


@dataclass(frozen=True)
class Amount:
    """How much a file would have in it. words: a sentence; "" if that is nothing. refusal: why it is not made here, in
    Markdown, or ""."""

    words: str
    refusal: str = ""


def amount(store: Store, records: Sequence[RunRecord], kind: FileKind) -> Amount:
    """How much a file of these runs would have in it, without reading it. Raises UnknownRun."""
    if _is_bundle(kind):
        return _bundled(store, records, kind)
    names = {record.id: metrics.names(store, record.id) for record in records}
    steps = {record.id: max(0, record.step - (record.parent_step or 0)) for record in records}
    values = sum(steps[run] * len(names[run]) for run in steps)
    columns = len({name for each in names.values() for name in each})
    rows = sum(steps.values())
    words = f"About {counted(rows, 'row')} with {counted(columns, 'metric')}."
    if kind.startswith("long"):
        words = f"At most {counted(values, 'row')}, of {counted(columns, 'metric')}."
    if not values:
        return Amount("", "Nothing is recorded yet.")
    return Amount(words, "" if values <= MOST_VALUES else _on_the_command_line(kind))


def file_name(records: Sequence[RunRecord], kind: FileKind) -> str:
    """The name of the file, which says which run it is of, or of how many."""
    return f"genscope-{records[0].id if len(records) == 1 else f'{len(records)}-runs'}{KINDS[kind].ending}"


def content(store: Store, records: Sequence[RunRecord], kind: FileKind, progress: ExportProgress) -> bytes:
    """The bytes of the file, which is deleted at once, whatever happens. Raises as `write` does."""
    with temporary_folder() as folder:
        out = folder / file_name(records, kind)
        write(store, records, kind, out, progress)
        return out.read_bytes()


def write(store: Store, records: Sequence[RunRecord], kind: FileKind, out: Path, progress: ExportProgress) -> None:
    """Write the file. Raises UnknownRun, CannotWrite, UnusableFile for a bundle above MOST_BYTES, and what `progress`
    raises."""
    if _is_bundle(kind):
        from pipeline.runs.bundles.writing import write_bundle

        checkpoints: CheckpointChoice = "all" if kind == "full-bundle" else "chosen"
        written = write_bundle(
            store, [record.id for record in records], out, checkpoints=checkpoints, progress=progress
        )
        if written.size > MOST_BYTES:
            reason = f"with {size(written.size)} it is too large for a browser; `python -m pipeline export` writes it"
            raise UnusableFile(out.name, "downloaded", reason)
        return
    _table_writer(kind)([_rows(store, record) for record in records], out, progress)


def _table_writer(kind: FileKind) -> Callable[[Sequence[RunRows], Path, ExportProgress], int]:
    from pipeline.runs.exporting import csv_files, parquet_files

    return {
        "csv": csv_files.to_wide_csv,
        "long-csv": csv_files.to_long_csv,
        "parquet": parquet_files.to_wide_parquet,
        "long-parquet": parquet_files.to_long_parquet,
    }[kind]


def _rows(store: Store, record: RunRecord) -> RunRows:
    return RunRows(store, record, measured_names(record.workflow_text, record.data_text))


def _is_bundle(kind: FileKind) -> bool:
    return kind in ("bundle", "full-bundle")


def _bundled(store: Store, records: Sequence[RunRecord], kind: FileKind) -> Amount:
    """With the runs that these were forked from."""
    found = {record.id: record for record in records}
    for record in records:
        parent = record.parent
        while parent is not None and parent not in found:
            found[parent] = store.run(parent)
            parent = found[parent].parent
    total = sum(_bytes(store, run, kind) for run in found)
    others = len(found) - len(records)
    besides = f", with {counted(others, 'run')} that {'they were' if len(records) > 1 else 'it was'} forked from"
    words = f"About {size(total)}{besides if others else ''}, and the curves."
    return Amount(words, "" if total <= MOST_BYTES else _on_the_command_line(kind))


def _bytes(store: Store, run: str, kind: FileKind) -> int:
    files = store.files(run)
    total = files.disk_used()
    if kind == "full-bundle":
        return total
    chosen = chosen_steps(files, "chosen")
    return total - sum(each for step, each in files.checkpoint_sizes().items() if step not in chosen)


def _on_the_command_line(kind: FileKind) -> str:
    to = {"bundle": "bundle --checkpoints chosen", "full-bundle": "bundle"}.get(kind, kind)
    return f"It is too large for a browser: use `python -m pipeline export RUN --to {to} --out FILE` on the server."
